"""Whatever is done is killed before and after everything that becomes final; afterwards it is as if nothing had been.

Each act is done once undisturbed, and its instants counted. Then its process dies in turn at each that leaves
something else behind than the next. What holds always holds right then; whoever acted does it again, the service
starts again, and what is stored at last is what the undisturbed act has stored.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.faults import acts
from tests.faults.world import Moments, World
from tests.forks import KILLED


@pytest.mark.parametrize("act", acts.EVERYTHING, ids=str)
def test_whatever_is_killed_is_whole_and_comes_to_the_same_end(moments: Moments, act: acts.Act) -> None:
    world = moments.world
    doing = act.arrange(world)
    moments.keep()
    moments.rehearse(lambda: at_rest(world))
    instants = moments.counted(doing)
    assert {"before commit", "after commit"} <= set(instants.values())
    moments.bring_back()
    expected, letters = moments.apart(lambda: once_more(world, doing(), doing, act.keyed))
    for number, instant in instants.items():
        moments.bring_back()
        assert moments.killed(doing, number) == KILLED, instant
        picture, sent = moments.apart(lambda: recovered(world, doing, act.keyed))
        assert unlike(picture, expected) == {}, f"died {instant}, {number} of {max(instants)}"
        assert sent == letters, f"died {instant}, {number} of {max(instants)}"


def recovered(world: World, doing: acts.Doing, keyed: bool) -> tuple[Any, Any]:
    """What is stored and sent after a death, when whoever acted has acted again. A letter may have gone out twice
    only where its process died between handing it over and noting that."""
    assert world.violations() == []
    perhaps_twice = Counter(world.unrecorded())
    picture, sent = once_more(world, doing(), doing, keyed)
    return picture, sent - perhaps_twice


def once_more(world: World, answer: object, doing: acts.Doing, keyed: bool) -> tuple[Any, Counter[str]]:
    """Do it again, which adds nothing, and let everything come to rest; all that is stored, and who was written to."""
    again = doing()
    if keyed:
        assert again == answer
    return at_rest(world), Counter(line.partition(" ")[2] for line in world.ledger.accepted())


def at_rest(world: World) -> dict[str, Any]:
    """All that is stored when everything has come to rest."""
    world.rest()
    assert world.violations() == []
    return world.picture()


def unlike(found: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """What is stored in another number: how often, and how often it should be."""
    tables = {name: found[name].keys() | expected[name].keys() for name in expected}
    pairs = {
        (name, kind): (found[name].get(kind), expected[name].get(kind)) for name in tables for kind in tables[name]
    }
    return {kind: (there, due) for kind, (there, due) in pairs.items() if there != due}

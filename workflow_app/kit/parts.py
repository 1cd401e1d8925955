"""Parts that people have in a case beside their office: who reported it, whom it is about, who leads that person, and
who is kept out of it because they stand too close.

A part decides who may not act (policy: nobody decides on their own affair or report), and who may not even look.
"""

from __future__ import annotations

from enum import IntFlag


class Part(IntFlag):
    """A person's parts in one case, which add up. Stored as numbers: a value's meaning never changes."""

    REPORTER = 1
    SUBJECT = 2
    SUPERVISOR = 4
    KEPT_OUT = 8

    @property
    def sentence(self) -> str:
        """Why somebody with this part may not do a task."""
        return _SENTENCES[min(self)]


_SENTENCES = {
    Part.REPORTER: "You reported this case, so somebody else has to decide it.",
    Part.SUBJECT: "This case is about you, so somebody else has to do this.",
    Part.SUPERVISOR: "This case is about somebody you supervise, so somebody else has to do this.",
    Part.KEPT_OUT: "You stand too close to whom this case is about, so somebody else has to do this.",
}
NOBODY = Part(0)


def parts(words: str) -> Part:
    """The parts named in a model's property, such as "reporter subject". Raises ValueError for an unknown one."""
    named = NOBODY
    for word in words.split():
        if word.upper() not in Part.__members__:
            raise ValueError(f"{word} is no part in a case; there are {', '.join(Part.__members__).lower()}")
        named |= Part[word.upper()]
    return named

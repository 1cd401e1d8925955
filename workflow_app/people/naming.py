"""Is this the name of one person? Generic, shared, unit and guest ids are refused, with the reason (R7).

Policy: "User IDs should correspond to individual users and not be generic or shared; guest accounts should not be
used." The words are those that stand in real audit exports in the place of a person.
"""

from __future__ import annotations

import re

_WORDS_OF_NOBODY = (
    "admin administrator alpr analyst any anyone camera crime desk detective detectives dispatch dispatcher duty "
    "everyone generic guest intake investigations investigator invited kiosk lpr night office officer operator "
    "patrol police precinct public pool reader records reduction root sergeant service shared shift squad staff "
    "station supervisor support svc system task team temp temporary test tester tmp traffic training trainer unit "
    "unknown user visitor watch"
)
GENERIC = frozenset(_WORDS_OF_NOBODY.split())
"""Words of which an id may not consist, alone or together."""

_WORDS = re.compile(r"[^\W\d_]+")
_ID = re.compile(r"[\w.@+-]{2,100}")


def generic_word(user_id: str) -> str | None:
    """The word that makes an id a generic one: every word of it names an office or a use, none a person."""
    words = [word.casefold() for word in _WORDS.findall(user_id.partition("@")[0])]
    if not words:
        return user_id
    return words[0] if all(word in GENERIC or word.rstrip("s") in GENERIC for word in words) else None


def faults_of_id(user_id: str) -> list[str]:
    """What is wrong with an id for one person, in sentences; nothing when it can be one."""
    if not _ID.fullmatch(user_id):
        return ["An id is one word of letters, digits and . @ + - _ such as dreyes."]
    if (word := generic_word(user_id)) is not None:
        return [f"“{word}” names nobody. An id belongs to one person: no generic, shared, unit or guest ids."]
    return []

"""Is this the name of one person? Generic, shared, unit and guest ids are refused, with the reason (R7).

Policy: "User IDs should correspond to individual users and not be generic or shared; guest accounts should not be
used." The words are those that stand in real audit exports in the place of a person.
"""

from __future__ import annotations

import re

_WORDS_OF_NOBODY = (
    "account admin administrator alpr analyst any anyone camera contractor crime default demo desk detective "
    "detectives dispatch dispatcher duty everyone gang generic guest homicide intake intern investigations "
    "investigator invited kiosk login lpr narcotics night office officer operator patrol police precinct "
    "public pool reader records reduction robbery root sergeant service shared shift squad staff station "
    "supervisor support svc swat system task team temp temporary test tester tmp traffic trainee training "
    "trainer unit unknown user vendor visitor volunteer watch"
)
GENERIC = frozenset(_WORDS_OF_NOBODY.split())
"""Words of which an id may not consist, alone or together, in one word or in several."""
_BESIDE = frozenset({
    "central", "city", "county", "day", "department", "dept", "east", "front", "north", "pd", "south", "west",
})  # fmt: skip
"""Words that tell nobody's ids apart: beside a generic word they name nobody either, alone they can be a name."""

_WORDS = re.compile(r"[^\W\d_]+")
_PARTS = re.compile("|".join(sorted(GENERIC | _BESIDE, key=lambda word: (-len(word), word))))
_ID = re.compile(r"[\w.@+-]{2,100}")


def generic_word(user_id: str) -> str | None:
    """The word that makes an id a generic one: every word of it names an office or a use, none a person."""
    words = [word.casefold() for word in _WORDS.findall(user_id.partition("@")[0])]
    if not words:
        return user_id
    parts = [part for word in words for part in _PARTS.findall(word)]
    nothing_else = all(not _PARTS.sub("", word).strip("s") for word in words)
    return next((part for part in parts if part in GENERIC), None) if nothing_else else None


def faults_of_id(user_id: str) -> list[str]:
    """What is wrong with an id for one person, in sentences; nothing when it can be one."""
    if not _ID.fullmatch(user_id):
        return ["An id is one word of letters, digits and . @ + - _ such as dreyes."]
    if (word := generic_word(user_id)) is not None:
        return [f"“{word}” names nobody. An id belongs to one person: no generic, shared, unit or guest ids."]
    return []

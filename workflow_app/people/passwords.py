"""Is this a password that others would guess? What is guessed first is taken out; enough must be left.

At least fifteen characters, no rules of composition, no expiry (ASVS 6.2.1-6.2.5, CJIS IA-5(1)). Instead of a list of
leaked passwords, of which few are that long, the parts that such passwords are made of: words, walks over the
keyboard, years and rows of digits, in capitals or not, with digits in the place of letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

SHORTEST = 15
"""So many characters a password has."""
_LEFT = 8
"""So many letters are left of a good one when the guessed parts are gone."""

_FIRST = (
    "password passwort passphrase pass word welcome letmein changeme change login logon signin default secret "
    "secure security access account admin administrator root user username guest test testing temp temporary demo "
    "example sample master hello love iloveyou lovely loveme babygirl princess prince queen king angel sunshine "
    "rainbow butterfly flower chocolate cookie pepper ginger buster daisy bailey maggie monkey dragon tiger lion eagle "
    "phoenix unicorn pokemon pikachu starwars wars batman superman spiderman ironman matrix ninja hunter killer "
    "shadow ranger warrior soldier freedom liberty america american usa trustno one whatever nothing football baseball "
    "basketball soccer hockey golf tennis harley mustang corvette ferrari mercedes cowboys yankees lakers eagles "
    "steelers liverpool chelsea arsenal barcelona jordan michael michelle jennifer jessica ashley amanda nicole daniel "
    "thomas robert william charlie george joshua matthew andrew anthony jesus christ blessed summer winter spring "
    "autumn january february march april june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday google facebook windows microsoft apple computer internet server "
    "database network system this that please forever always never "
    "correct horse battery staple quick brown fox jumps over lazy dog abcdef qwerty qwertz azerty asdf zxcv"
)
COMMON = frozenset(_FIRST.split())
"""Words that make up the passwords people take first."""
_OF_THE_TRADE = (
    "alpr lpr anpr casework case police policing officer sheriff deputy chief sergeant captain lieutenant detective "
    "patrol department agency county city state station badge dispatch plate plates reader readers licence license "
    "vehicle vehicles camera cameras hotlist hot list evidence report law enforcement justice"
)
TRADE = frozenset(_OF_THE_TRADE.split())
"""Words that lie near at hand where this program runs."""

_ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp",
)  # fmt: skip
_WALKS = {row[at : at + 3] for line in _ROWS for row in (line, line[::-1]) for at in range(len(row) - 2)}
_INSTEAD = str.maketrans("0134578@$!+", "oieastbasit")
_LETTERS = re.compile(r"[^\W\d_]+")


def fault(password: str, *, person: Iterable[str], agency: Iterable[str]) -> str | None:
    """Why this is no good password, in a sentence; None for a good one.

    `person` and `agency` are names and addresses; a password made of them is guessed by whoever knows them.
    """
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} characters; this one has {len(password)}."
    if len(set(password.casefold())) < 6:
        return (
            "This repeats a few characters, which is guessed at once. Take several words that have nothing in common."
        )
    near, own = TRADE | _words(agency), _words(person)
    if _left(password, COMMON | near | own) >= _LEFT:
        return None
    plain = password.casefold()
    if any(word in plain for word in own):
        return "This is made of your own name or address, which others would try."
    if any(word in plain for word in near):
        return "This is made of the agency's name and words of its work, which others would try."
    return "This is made of words and rows of keys that are tried first. Take several words of your own."


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word.casefold() for text in texts for word in _LETTERS.findall(text) if len(word) > 2)


def _left(password: str, words: frozenset[str]) -> int:
    """How many letters are left when the guessed words, walks and digits are taken out."""
    plain = password.casefold()
    return min(len(_rest(plain, words)), len(_rest(plain.translate(_INSTEAD), words)))


def _rest(text: str, words: frozenset[str]) -> str:
    """The letters that no guessed part covers; a part that stands there twice is left once."""
    covered = [not char.isalpha() for char in text]
    for at in range(len(text)):
        for length in range(2, min(len(text) - at, 20) + 1):
            piece = text[at : at + length]
            if piece in words or (length == 3 and (piece in _WALKS or len(set(piece)) == 1)):
                covered[at : at + length] = [True] * length
    rest = "".join(char for char, gone in zip(text, covered, strict=True) if not gone)
    half = len(rest) // 2
    return rest[:half] if half > 1 and rest[:half] == rest[half : 2 * half] else rest

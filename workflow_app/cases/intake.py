"""What may be uploaded, and how a file shows that it is what it says: its name, the type it was sent as, its content.

All three must agree. Kinds that nobody can look into here are not taken: archives and office documents hold other
files and programs, SVG and HTML run scripts, and a video cannot be freed of the place where it was made; of those
the evidence is a reference and their SHA-256.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

from workflow_app.cases import pictures
from workflow_app.cases.installation import here
from workflow_app.errors import Invalid

KINDS = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".pdf": "application/pdf",
    ".txt": "text/plain", ".csv": "text/csv",
}  # fmt: skip
"""What may be uploaded: by the ending of its name, and what it must then be inside."""

_BEGINS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "application/pdf": b"%PDF-"}
_SAYS_NOTHING = {"", "application/octet-stream"}
_SENT_AS = {
    "image/png": {"image/png", "image/x-png"},
    "image/jpeg": {"image/jpeg", "image/pjpeg", "image/jpg"},
    "application/pdf": {"application/pdf", "application/x-pdf"},
    "text/plain": {"text/plain"},
    "text/csv": {"text/csv", "text/plain", "application/csv", "application/vnd.ms-excel"},
}
"""Types as which browsers send each kind; which one they choose depends on the programs of the machine."""
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?", b"<script", b"%pdf", b"{\\rtf", b"#!", b"%!ps")
"""What a file begins with that some program would run or draw, whatever its name says."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_HIDDEN = re.compile(
    "7z|ade|apk|app|asp|aspx|bat|bin|bz2|cab|cgi|chm|cmd|com|cpl|csv|dll|dmg|docx?|docm|eml|exe|gif|gz|hta|html?|ico|"
    "img|ins|iso|jar|jpe?g|jse?|jsp|key|lnk|mhtml|mov|mp3|mp4|mpg|ms[cgi]|od[pst]|pdf|php|phtml|pif|pl|png|pps|ppt|"
    "ppt[mx]|ps1?|py|rar|rb|reg|rtf|scr|shtml|sh|so|svg|swf|sys|tar|tgz|tiff?|txt|url|vb[es]?|war|webp|wsf|xhtml|"
    "xls[bmx]?|xml|xps|xz|zip"
)
"""Endings with a meaning of their own: before the last one they say that a file is something else."""


@dataclass(frozen=True, kw_only=True)
class LookedAt:
    """A file that may be kept: `content` is what is kept of it; `sha256` and `sent_bytes` are of what was sent."""

    name: str
    media_type: str
    content: bytes
    sha256: str
    sent_bytes: int


def look(name: str, sent_as: str, content: bytes) -> LookedAt:
    """Look at a file that somebody sends, without the database: a picture takes a second or two.

    `sent_as` is the type that came with it (`upload.mimetype`). Pictures are made anew, so that what is kept carries
    no place, time or device. Other kinds are kept as they are: a PDF still says who wrote it. Raises Invalid with a
    sentence about the file, and Busy when too many pictures come at once.
    """
    short = _name(name)
    media_type = _kind(short, sent_as, content)
    kept = _made_anew(short, media_type, content) if media_type.startswith("image/") else content
    digest = hashlib.sha256(content).hexdigest()
    return LookedAt(name=short, media_type=media_type, content=kept, sha256=digest, sent_bytes=len(content))


def _name(name: str) -> str:
    """The name as it is shown and offered for download: its last part, without what could mislead."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(char for char in last if char.isprintable() and char not in '"<>|:*?;').strip(" .")
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[:150]}{dot}{ending[:10]}" if dot else clean[:160] or "file"


def _kind(name: str, sent_as: str, content: bytes) -> str:
    most = here().settings.upload_max_bytes
    if not content:
        raise Invalid(sentence=f"{name} is empty.")
    if len(content) > most:
        raise Invalid(sentence=f"{name} is too large: a file may have {most // (1024 * 1024)} MB.")
    *inner, ending = (each.lower() for each in PurePosixPath(f"_{name}").suffixes or [""])
    if ending not in KINDS:
        raise Invalid(sentence=f"{name} cannot be taken. Allowed are PNG, JPG, PDF, TXT and CSV files.")
    if any(_HIDDEN.fullmatch(each.strip(" .")) for each in inner):
        raise Invalid(sentence=f"{name} has two endings. Please give it a name with one.")
    kind = KINDS[ending]
    declared = sent_as.partition(";")[0].strip().lower()
    if declared not in _SAYS_NOTHING | _SENT_AS[kind] or not _is(kind, content):
        raise Invalid(sentence=f"{name} is not what its name says. Please save it again as {_words(ending)}.")
    return kind


def _words(ending: str) -> str:
    words = ending[1:].upper()
    return f"{words} in UTF-8" if words in {"TXT", "CSV"} else words


def _is(kind: str, content: bytes) -> bool:
    """Whether the content is of this kind, from its first byte to its last, and nothing else besides."""
    if not content.startswith(_BEGINS.get(kind, b"")) or zipfile.is_zipfile(BytesIO(content)):
        return False
    if kind == "application/pdf":
        return content.rstrip(b"\r\n\t \0").endswith(b"%%EOF") and not _has_markup(content[:1024])
    return _is_text(content) if kind.startswith("text/") else True


def _has_markup(head: bytes) -> bool:
    lower = head.lower()
    return any(mark in lower for mark in (b"<html", b"<script", b"<svg", b"<?php"))


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not _CONTROL.search(text) and not text.lstrip()[:20].lower().encode().startswith(_MARKUP)


def _made_anew(name: str, media_type: str, content: bytes) -> bytes:
    try:
        return pictures.made_anew(content, media_type)
    except pictures.TooLarge as error:
        most = pictures.PIXELS // 1_000_000
        raise Invalid(sentence=f"{name} is too large: a picture may have {most} megapixels.") from error
    except pictures.NoPicture as error:
        raise Invalid(sentence=f"{name} is damaged or no picture. Please save it again.") from error

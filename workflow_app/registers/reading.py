"""What every import of a file has in common: reading it as text, and the report of what came of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from workflow_app.errors import Invalid

Problem = tuple[int, str]
"""A line of the file, counted from 1, and the sentence that says why what begins there was left out."""


@dataclass(kw_only=True)
class ImportReport:
    """What an import did, or on a dry run would do."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: list[Problem] = field(default_factory=list)

    def as_text(self) -> str:
        """The report as it is kept, for whoever sends the same file again before having seen it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> ImportReport:
        """The report that was kept."""
        kept = json.loads(text)
        return cls(**kept | {"skipped": [(line, why) for line, why in kept["skipped"]]})


_ARCHIVE = b"PK\x03\x04"
"""How the files of spreadsheet programs begin, and of everything else that is zipped."""


class BadRow(Exception):
    """One row of a file cannot be used; the message is the sentence for the report."""


def bytes_of(source: Path | str | bytes) -> bytes:
    """The file's content; a str is a path. Raises Invalid with one sentence."""
    if isinstance(source, bytes):
        return source
    try:
        return Path(source).read_bytes()
    except (OSError, ValueError) as error:
        raise Invalid(sentence="The file cannot be opened. Please check its name and who may read it.") from error


def text_of(content: bytes) -> str:
    """The content as text, without the mark that some programs put before it. Raises Invalid with one sentence."""
    if content.startswith(_ARCHIVE):
        raise Invalid(
            sentence="This is a workbook or an archive. Please save what is in it as text, such as CSV, and try again."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        sentence = f"The file is not UTF-8 text (line {line}). Please save it as UTF-8 and try again."
        raise Invalid(sentence=sentence) from error

"""Words inside the picture: SVG does not wrap text, so lines are broken here by estimated width."""

SIZE = 13.0  # font size of names, in the units of the drawing; diagram.css sets the same
SMALL = 11.0  # for a name with a word too long for its shape
_NARROW = frozenset("iljftrI.,:;'|!()[] -")
_MIDDLE = frozenset("cksvxyz")
_WIDE = frozenset("mwMW@%—")


def width(text: str, size: float = SIZE) -> float:
    """Estimated width of a line. A little generous, since the reader's font is not known."""
    return size * sum(_share(letter) for letter in text)


def _share(letter: str) -> float:
    if letter in _NARROW:
        return 0.31
    if letter in _WIDE:
        return 0.86
    if letter in _MIDDLE:
        return 0.52
    return 0.7 if letter.isupper() else 0.57


def fit(text: str, room: float, most: int) -> tuple[list[str], float]:
    """Lines and their font size: small only when the name does not fit into its shape otherwise."""
    lines = _lines(text, room, SIZE)
    size = SIZE
    if len(lines) > most or any(width(line) > room for line in lines):
        size = SMALL
        most = int(most * SIZE / SMALL)
        lines = [piece for line in _lines(text, room, SMALL) for piece in _broken(line, room)]
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1].rstrip(',;:-')}…"]
    return lines, size


def _lines(text: str, room: float, size: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _broken(line: str, room: float) -> list[str]:
    """A word wider than its shape even when small is parted rather than drawn over the border."""
    pieces = [""]
    for letter in line:
        if width(f"{pieces[-1]}{letter}-", SMALL) > room and width(line, SMALL) > room:
            pieces[-1] += "-"
            pieces.append("")
        pieces[-1] += letter
    return pieces

"""Files as people and their enemies send them, made here byte by byte."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO

from PIL import Image

GPS, MAKER, TURNED, COMMENT = 0x8825, 0x010F, 0x0112, "Seen at the corner of Main Street"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    """A plain picture: red above, blue below."""
    made = Image.new("RGB", size, "red")
    made.paste("blue", (0, size[1] // 2, *size))
    out = BytesIO()
    made.save(out, kind)
    return out.getvalue()


def photograph() -> bytes:
    """A JPEG as a phone makes it: turned on its side, with maker, place and a comment."""
    exif = Image.Exif()
    exif[MAKER], exif[TURNED] = "Camera & Sons", 6
    exif.get_ifd(GPS).update({1: "N", 2: (37.0, 46.0, 30.0), 3: "W", 4: (122.0, 25.0, 10.0)})
    out = BytesIO()
    Image.open(BytesIO(picture("JPEG"))).save(out, "JPEG", exif=exif, comment=COMMENT)
    return out.getvalue()


def claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(90))) + _chunk(b"IEND")


def swollen() -> bytes:
    """A small PNG whose compressed comments unpack to gigabytes."""
    plain = picture()
    text = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)
    return plain[:33] + b"".join(_chunk(b"zTXt", text) for _ in range(10)) + plain[33:]


def endless() -> bytes:
    """A progressive JPEG that goes over all its pixels thousands of times."""
    out = BytesIO()
    Image.new("L", (4000, 4000)).save(out, "JPEG", progressive=True)
    whole = out.getvalue()
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * 5_000 + whole[-2:]


def archive() -> bytes:
    """A ZIP of a page with a script."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("run.html", "<script>alert(1)</script>")
    return out.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def _chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

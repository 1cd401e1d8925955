"""Pictures are made anew from their pixels: where and by whom they were taken, and whatever else they carry, is gone.

What a picture claims to be is read before it is unpacked: a few kilobytes can claim billions of pixels.
"""

from __future__ import annotations

from io import BytesIO
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from workflow_app.errors import DomainError

if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS = 25_000_000
"""The largest picture: unpacked it takes 100 MB. Phones and cameras of 24 megapixels stay below."""
PATIENCE = 15.0
"""Seconds that somebody waits for their turn; one picture at a time is unpacked in each process."""

_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}
_SCANS = 100
"""A JPEG picture comes in a dozen scans at most; thousands, each as large as the picture, keep a machine busy."""
_SCAN = b"\xff\xda"
_TURN = BoundedSemaphore(1)


class NoPicture(Exception):
    """This is no picture of its kind, or a damaged one."""


class TooLarge(Exception):
    """It has more pixels than are taken."""


class Busy(DomainError):
    """Many pictures are being sent at this moment. Please try again in a few seconds."""

    status = 503


def made_anew(content: bytes, media_type: str) -> bytes:
    """The same picture with nothing but its pixels, turned as it is meant to be seen.

    Raises NoPicture, TooLarge (before anything is unpacked) and Busy.
    """
    if media_type == "image/jpeg" and content.count(_SCAN) > _SCANS:
        raise NoPicture
    if not _TURN.acquire(timeout=PATIENCE):
        raise Busy
    try:
        return _written(_read(content, _FORMATS[media_type]), _FORMATS[media_type])
    finally:
        _TURN.release()


def _read(content: bytes, kind: str) -> Image:
    from PIL import Image, ImageOps  # slow to load, and not every process sees a picture

    Image.MAX_IMAGE_PIXELS = None  # the bound is ours
    try:
        with Image.open(BytesIO(content), formats=[kind]) as found:
            is_too_large = found.width * found.height > PIXELS
            turned = None if is_too_large else ImageOps.exif_transpose(found)
    except Exception as error:  # a decoder that is fed with anything may raise anything
        raise NoPicture from error
    if turned is None:
        raise TooLarge
    return turned


def _written(picture: Image, kind: str) -> bytes:
    clear = "transparency" in picture.info or picture.mode in {"LA", "PA", "RGBA"}
    wanted = "L" if picture.mode in {"1", "L"} and not clear else "RGBA" if clear and kind == "PNG" else "RGB"
    plain = picture if picture.mode == wanted else picture.convert(wanted)
    plain.info = {}  # descriptions, comments and profiles would be written out again
    out = BytesIO()
    if kind == "JPEG":
        plain.save(out, "JPEG", quality=95)
    else:
        plain.save(out, "PNG", compress_level=3)
    return out.getvalue()

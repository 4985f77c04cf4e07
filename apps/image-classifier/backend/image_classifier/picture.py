"""Bytes of an upload in, what the network looks at out."""

import io
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from image_classifier.problem import DamagedImage, NotAnImage, TooManyPixels

SIZE = 224
SHOWN = 224 / 256
"""How much of a picture's shorter side the network sees, as it was trained."""

MAX_PIXELS = 25_000_000
"""A small file can unpack to gigabytes; as many as this take up to 400 MB while they are shrunk."""

MAX_SCANS = 100
"""A progressive JPEG has about ten; each takes as long as decoding the whole picture once."""

# Decoders in C for what cameras and browsers make. Pillow has more, some of them in Python and
# with loops that a small file can make long.
Image.init()
_WANTED = ("AVIF", "GIF", "JPEG", "MPO", "PNG", "WEBP")
FORMATS: tuple[str, ...] = tuple(each for each in _WANTED if each in Image.OPEN)
NAMES = ", ".join(each for each in FORMATS if each != "MPO")  # MPO: some cameras' JPEG

DAMAGE = (
    *(OSError, ValueError, SyntaxError, EOFError, TypeError, LookupError, ArithmeticError),
    *(AttributeError, RuntimeError, MemoryError, struct.error),
)
"""What Pillow's decoders raise for damaged data."""


def read_picture(content: bytes) -> NDArray[Any]:
    """Return the middle of a picture (1, 3, 224, 224), upright, from -1 to 1.

    Raises NotAnImage, TooManyPixels or DamagedImage. Of a film it is the first picture, and what
    is transparent is white.
    """
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            _check(picture, content)
            small = _shrink(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyPixels(MAX_PIXELS) from None
    except UnidentifiedImageError:
        raise NotAnImage(NAMES) from None
    except DAMAGE:
        raise DamagedImage from None
    values = (np.asarray(small, np.float32) - 127) / 128
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def _check(picture: Image.Image, content: bytes) -> None:
    """Refuse what would take long; so far only the file's head has been read."""
    if picture.width * picture.height > MAX_PIXELS:
        raise TooManyPixels(MAX_PIXELS)
    # Inside a JPEG's own data these two bytes mean nothing else.
    if picture.format in ("JPEG", "MPO") and content.count(b"\xff\xda") > MAX_SCANS:
        raise DamagedImage


def _shrink(picture: Image.Image) -> Image.Image:
    """Return the middle as RGB in the network's size."""
    picture.draft("RGB", (2 * SIZE, 2 * SIZE))  # a large JPEG is then decoded at a fraction of it
    smooth = _smooth(picture)
    side = min(smooth.size) * SHOWN
    left, top = (smooth.width - side) / 2, (smooth.height - side) / 2
    small = smooth.resize(
        (SIZE, SIZE),
        Image.Resampling.BICUBIC,
        box=(left, top, left + side, top + side),
        reducing_gap=3.0,
    )
    return _upright(_opaque(small))


def _smooth(picture: Image.Image) -> Image.Image:
    """Return it in a mode that can be resized smoothly; of 16 bits, transparency is not known."""
    if picture.mode in ("RGBA", "LA") or picture.mode.startswith("I"):
        return picture
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture if picture.mode in ("L", "RGB") else picture.convert("RGB")


def _opaque(small: Image.Image) -> Image.Image:
    """Return it as RGB: of 16 bits the upper eight, and white where nothing is."""
    if small.mode.startswith("I"):
        plain = Image.fromarray((np.asarray(small) >> 8).astype(np.uint8)).convert("RGB")
    elif small.mode in ("RGBA", "LA"):
        plain = Image.new("RGB", small.size, "white")
        plain.paste(small.convert("RGB"), mask=small.getchannel("A"))
    else:
        return small.convert("RGB")
    plain.info = small.info
    return plain


def _upright(small: Image.Image) -> Image.Image:
    """Turn it as its camera was held, as far as that can be read."""
    try:
        return ImageOps.exif_transpose(small)
    except DAMAGE:
        return small

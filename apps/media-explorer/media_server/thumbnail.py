"""Small versions of pictures: bytes in, WebP out."""

import io
from functools import cache
from typing import BinaryIO, cast

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from media_error import NotAPictureError

CONTENT_TYPE = "image/webp"
MIN_WIDTH, MAX_WIDTH = 16, 3200

# A width is raised to the next of these, so that a file has few thumbnails however many are asked.
WIDTHS = (64, 128, 192, 256, 320, 480, 640, 960, 1280, 1920, 2560, 3200)

# A small file can unpack to gigabytes; 100 million pixels are 300 MB of memory while it is drawn.
MAX_PIXELS = 100_000_000

# Only these decoders: Pillow's others (EPS, PDF, FITS) run more than a picture needs.
_FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "MPO", "PNG", "TIFF", "WEBP")  # MPO: some cameras' JPEG
_QUALITY = 82

_LYING = 5  # orientations 5 to 8 are stored turned by a quarter: their width is the height


def nearest_width(width: int) -> int:
    """The width that a thumbnail is made in: the first step that is wide enough."""
    return next((step for step in WIDTHS if step >= width), MAX_WIDTH)


def draw_thumbnail(stream: BinaryIO, width: int) -> bytes:
    """A WebP of at most `width` pixels, upright, never larger than the picture itself."""
    try:
        with Image.open(stream, formats=_known_formats()) as picture:
            return _shrink(picture, width)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except UnidentifiedImageError:
        raise NotAPictureError("This file is not a picture that can be read.") from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError):
        # What Pillow's decoders raise for damaged data; their texts name the file's path.
        raise NotAPictureError("This picture is damaged.") from None


@cache
def _known_formats() -> tuple[str, ...]:
    """Those of the decoders that this Pillow has: it may have been built without AVIF."""
    Image.init()
    return tuple(each for each in _FORMATS if each in Image.OPEN)


def _shrink(picture: Image.Image, width: int) -> bytes:
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_many_pixels()
    box = (width, 3 * width)
    if picture.getexif().get(ExifTags.Base.Orientation, 1) >= _LYING:
        box = (3 * width, width)
    picture.draft("RGB", box)  # a JPEG is then decoded at a fraction of its size
    plain = _eight_bits(picture)
    plain.thumbnail(box, Image.Resampling.LANCZOS, reducing_gap=2.0)
    out = io.BytesIO()
    ImageOps.exif_transpose(plain).save(out, "WEBP", quality=_QUALITY)
    return out.getvalue()


def _eight_bits(picture: Image.Image) -> Image.Image:
    """In a mode that can be shrunk smoothly; 16 bits of grey are scaled and not cut off."""
    if picture.mode.startswith(("I", "F")):
        low, high = cast("tuple[float, float]", picture.getextrema())
        scale = 255 / (high - low or 1)
        grey = picture.convert("F").point(lambda value: (value - low) * scale)
        return grey.convert("L").convert("RGB")
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _too_many_pixels() -> NotAPictureError:
    return NotAPictureError(f"This picture has more than {MAX_PIXELS:,} pixels.")

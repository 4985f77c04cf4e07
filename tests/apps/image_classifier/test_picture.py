"""What the network looks at, for each kind of picture that there is."""

import io
import random
import zlib

import numpy as np
import pytest
from image_classifier.picture import FORMATS, MAX_PIXELS, MAX_SCANS, read_picture
from image_classifier.problem import DamagedImage, NotAnImage, Problem, TooManyPixels
from PIL import Image

from tests.apps.image_classifier.conftest import COFFEE, encoded, opened

Transpose = Image.Transpose
SEEN = read_picture(COFFEE)
GREY = read_picture(encoded(opened(mode="L")))
WHITE = (255 - 127) / 128

HELD = {
    1: None,
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_90,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_270,
}
"""How a camera stores what it took, for each orientation that it can note."""


def off(content: bytes, expected: np.ndarray = SEEN) -> float:
    """Return how far it is from what is to be seen, on average, of 2."""
    seen = read_picture(content)
    assert seen.shape == (1, 3, 224, 224)
    assert seen.dtype == np.dtype(np.float32)
    assert -1 <= seen.min() <= seen.max() <= 1
    return float(np.abs(seen - expected).mean())


def exif(orientation: int) -> bytes:
    noted = Image.Exif()
    noted[0x112] = orientation
    return noted.tobytes()


@pytest.mark.parametrize("kind", sorted({*FORMATS} - {"MPO"}))
def test_kinds_of_files(kind: str) -> None:
    assert off(encoded(opened(), kind)) < 0.03


def test_a_camera_s_file_of_several_pictures() -> None:
    other = Image.new("RGB", (600, 400))
    content = encoded(opened(), "MPO", save_all=True, append_images=[other])
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "MPO"
    assert off(content) < 0.03


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_of_a_film_the_first_picture(kind: str) -> None:
    more = [Image.new("RGB", (600, 400))]
    assert off(encoded(opened(), kind, save_all=True, append_images=more)) < 0.03


def test_colours() -> None:
    assert off(encoded(opened().convert("CMYK"), "JPEG")) < 0.03
    assert off(encoded(opened().convert("P"))) < 0.05
    assert off(encoded(opened(mode="1")), GREY) < 0.3


def test_sixteen_bits_are_the_same_as_eight() -> None:
    deep = Image.fromarray(np.asarray(opened(mode="L")).astype(np.uint16) * 257)
    assert off(encoded(deep), GREY) < 0.01
    assert off(encoded(deep, transparency=1000), GREY) < 0.01


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_white(mode: str) -> None:
    nothing = opened(mode=mode)
    nothing.putalpha(0)
    assert np.all(read_picture(encoded(nothing)) == WHITE)
    whole = opened(mode=mode)
    assert off(encoded(whole), SEEN if mode == "RGBA" else GREY) < 0.01


def test_a_colour_that_is_transparent_is_white() -> None:
    two = Image.new("P", (300, 300), 1)
    two.putpalette([0, 0, 0, 255, 0, 0])
    assert np.all(read_picture(encoded(two, transparency=1)) == WHITE)
    assert np.all(read_picture(encoded(two, transparency=0))[0, 1:] < 0)
    red = Image.new("RGB", (300, 300), (255, 0, 0))
    assert np.all(read_picture(encoded(red, transparency=(255, 0, 0))) == WHITE)
    grey = Image.new("L", (300, 300), 9)
    assert np.all(read_picture(encoded(grey, transparency=9)) == WHITE)


@pytest.mark.parametrize("orientation", HELD)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_it_is_turned_as_the_camera_was_held(kind: str, orientation: int) -> None:
    how = HELD[orientation]
    stored = opened() if how is None else opened().transpose(how)
    assert off(encoded(stored, kind, exif=exif(orientation))) < 0.03


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("note", [b"Exif\0\0garbage", b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01"])
def test_a_damaged_note_of_the_camera_damages_no_picture(kind: str, note: bytes) -> None:
    assert off(encoded(opened(), kind, exif=note)) < 0.03


def test_large_pictures_show_the_same() -> None:
    large = opened().resize((3000, 2000), Image.Resampling.BICUBIC)
    for content in (
        encoded(large),
        encoded(large, "JPEG", quality=95),
        encoded(large, "JPEG", quality=95, progressive=True),
    ):
        assert off(content) < 0.01


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 5000), (5000, 1), (224, 224)])
def test_sizes_at_the_edge(size: tuple[int, int]) -> None:
    assert np.all(read_picture(encoded(Image.new("RGB", size, "white"))) == WHITE)


def test_only_the_middle_is_looked_at() -> None:
    wide = Image.new("RGB", (900, 256), "black")
    wide.paste("white", (322, 0, 578, 256))
    assert np.all(read_picture(encoded(wide)) == WHITE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF",
        b"\x89PNG\r\n\x1a\n",
        b"an essay about cats",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7 ...",
        encoded(Image.new("RGB", (9, 9)), "BMP"),
        encoded(Image.new("RGB", (9, 9)), "TIFF"),
        encoded(Image.new("RGB", (9, 9)), "PPM"),
    ],
)
def test_what_is_no_image_of_a_known_kind(content: bytes) -> None:
    with pytest.raises(NotAnImage, match=r"not an image of a known kind: .*GIF, JPEG, PNG, WEBP"):
        read_picture(content)


@pytest.mark.parametrize("kind", ["GIF", "JPEG", "PNG", "WEBP"])
def test_a_truncated_one(kind: str) -> None:
    content = encoded(opened(), kind)
    for length in (len(content) // 2, len(content) * 9 // 10):
        with pytest.raises(DamagedImage):
            read_picture(content[:length])


@pytest.mark.parametrize("size", [(MAX_PIXELS + 1, 1), (10_000, 9_000), (40_000, 40_000)])
def test_a_bomb_is_known_by_its_head(size: tuple[int, int]) -> None:
    """Without the pixels themselves: asked for them, it would say that it is damaged."""
    small = encoded(Image.new("1", (8, 8)))
    head = bytearray(small)
    head[16:24] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")
    head[29:33] = zlib.crc32(head[12:29]).to_bytes(4, "big")
    with pytest.raises(TooManyPixels, match="more than 25,000,000 pixels"):
        read_picture(bytes(head))


def test_a_jpeg_that_begins_again_and_again_is_refused() -> None:
    """Each scan takes as long as the whole picture, and only some bytes."""
    content = encoded(Image.new("RGB", (64, 64)), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    scan = content[last:-2]
    often = content[:-2] + scan * MAX_SCANS + content[-2:]
    with pytest.raises(DamagedImage):
        read_picture(often)
    assert read_picture(content[:-2] + scan * 5 + content[-2:]).shape == (1, 3, 224, 224)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("kind", sorted({*FORMATS} - {"MPO"}))
def test_whatever_is_damaged_there_is_a_reason(kind: str) -> None:
    """Bytes changed by chance: a picture comes of it, or a reason, and nothing else."""
    chance = random.Random(kind)  # noqa: S311
    options = {} if kind == "GIF" else {"exif": exif(6)}
    whole = encoded(opened().resize((48, 36)), kind, **options)
    reasons = []
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 3, 20))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if chance.random() < 0.2:
            del content[chance.randrange(len(content)) :]
        try:
            read_picture(bytes(content))
        except Problem as problem:
            reasons.append(problem.status)
    assert len(reasons) > 20
    assert {415, 422} >= set(reasons)

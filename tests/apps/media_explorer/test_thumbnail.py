"""Thumbnails: size, direction, modes, damaged files; and their cache."""

import contextlib
import io
import os
from pathlib import Path

import pytest
import thumbnail
from hypothesis import given, settings
from hypothesis import strategies as st
from media_error import NotAPictureError
from PIL import Image
from thumbnail import MAX_WIDTH, draw_thumbnail, nearest_width
from thumbnail_cache import ThumbnailCache, cache_folder


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> io.BytesIO:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    out.seek(0)
    return out


def small(stream: io.BytesIO, width: int = 64) -> Image.Image:
    picture = Image.open(io.BytesIO(draw_thumbnail(stream, width)))
    assert picture.format == "WEBP"
    return picture


@pytest.mark.parametrize(
    ("size", "expected"),
    [((640, 480), (64, 48)), ((32, 20), (32, 20)), ((10, 4000), (1, 192)), ((4000, 10), (64, 1))],
)
def test_is_as_wide_as_wanted_and_never_larger(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert small(saved(Image.new("RGB", size))).size == expected


def test_stands_upright() -> None:
    picture = Image.new("RGB", (600, 300), "red")
    picture.paste("blue", (0, 0, 300, 300))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the left side belongs to the top
    upright = small(saved(picture, "JPEG", exif=exif.tobytes()), 128)
    assert upright.size == (128, 256)
    red, _, blue = upright.convert("RGB").resize((1, 2)).tobytes()[:3]
    assert blue > 200 > red


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I", "F", "CMYK"])
def test_all_modes_can_be_drawn(mode: str) -> None:
    kind = "TIFF" if mode in ("I", "F", "CMYK") else "PNG"
    assert small(saved(Image.new(mode, (100, 50)), kind)).size == (64, 32)


def test_sixteen_bits_are_scaled_and_not_cut_off() -> None:
    deep = Image.new("I;16", (90, 30))
    deep.paste(30_000, (30, 0, 60, 30))
    deep.paste(60_000, (60, 0, 90, 30))
    shrunk = small(saved(deep)).convert("L")
    middle, right = (shrunk.crop((x, 10, x + 1, 11)).tobytes()[0] for x in (32, 60))
    assert 100 < middle < 155 < 240 < right


def test_transparency_is_kept() -> None:
    assert small(saved(Image.new("RGBA", (100, 50), (255, 0, 0, 0)))).mode == "RGBA"


@given(cut=st.integers(0, 3000), noise=st.binary(max_size=40))
@settings(max_examples=60, deadline=None)
def test_damaged_files_are_not_pictures_or_are_drawn(cut: int, noise: bytes) -> None:
    whole = saved(Image.effect_noise((60, 60), 50), "PNG").getvalue()
    with contextlib.suppress(NotAPictureError):
        draw_thumbnail(io.BytesIO(whole[:cut] + noise + whole[cut + 20 :]), 64)


@pytest.mark.parametrize("content", [b"", b"no picture", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_other_files_are_not_pictures(content: bytes) -> None:
    with pytest.raises(NotAPictureError):
        draw_thumbnail(io.BytesIO(content), 64)


def test_too_many_pixels_are_refused_before_they_are_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(thumbnail, "MAX_PIXELS", 100)
    with pytest.raises(NotAPictureError, match="more than 100 pixels"):
        draw_thumbnail(saved(Image.new("L", (11, 10))), 64)


def test_a_bomb_is_refused() -> None:
    with pytest.raises(NotAPictureError, match="pixels"):
        draw_thumbnail(saved(Image.new("1", (20_000, 20_000))), 64)


@given(width=st.integers(1, 3200))
def test_there_are_few_widths(width: int) -> None:
    assert width <= nearest_width(width) <= MAX_WIDTH
    assert nearest_width(nearest_width(width)) == nearest_width(width)


def test_the_cache_keeps_its_bound_and_drops_what_was_used_longest_ago(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path / "cache", max_bytes=1000)
    for index in range(9):
        cache.put(str(index), bytes([index]) * 100)
        os.utime(cache.folder / f"{index}.webp", (index, index))
    assert cache.get("0") == bytes(100)  # used again: now the youngest
    cache.put("large", bytes(300))
    kept = {path.stem for path in cache.folder.iterdir()}
    assert kept == {"0", "4", "5", "6", "7", "8", "large"}
    assert sum(path.stat().st_size for path in cache.folder.iterdir()) <= 1000


def test_the_cache_counts_what_was_there_before(tmp_path: Path) -> None:
    first = ThumbnailCache(tmp_path, max_bytes=500)
    for index in range(5):
        first.put(str(index), bytes(100))
    ThumbnailCache(tmp_path, max_bytes=250).put("new", bytes(100))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 250


def test_a_cache_that_cannot_write_is_only_slow(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = ThumbnailCache(tmp_path / "file" / "cache", 100)
    cache.put("key", b"content")
    assert cache.get("key") is None


def test_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder({"CACHE_DIR": str(tmp_path)}).parent == tmp_path
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    own = cache_folder({})
    assert own.parent == tmp_path
    assert own.stat().st_mode & 0o077 == 0
    assert cache_folder({}) == own


def test_a_folder_that_others_can_write_to_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    planted = cache_folder({})
    planted.chmod(0o777)
    assert cache_folder({}) != planted
    planted.rmdir()
    planted.symlink_to(tmp_path)
    assert cache_folder({}) != planted

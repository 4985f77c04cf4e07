"""What is told of MP4 files, and of what only looks like one."""

import asyncio
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from video_api import mp4
from video_api.mp4 import NotPlayable, Picture, inspect, is_mp4

from tests.apps.video_library.sample_video import Sample, sample_video
from tests.apps.video_library.web_api.boxes import (
    FTYP,
    box,
    large_box,
    moov,
    movie,
    mvhd,
    padded,
    tkhd,
    trak,
)

MDAT = box(b"mdat", b"pictures")


class Reader:
    """Gives bytes of a file, and counts how often and how many it is asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.calls = 0
        self.bytes = 0

    async def __call__(self, offset: int, length: int) -> bytes:
        assert offset >= 0
        assert 0 <= length <= 64 * 1024
        self.calls += 1
        found = self._data[offset : offset + length]
        self.bytes += len(found)
        return found


def look(data: bytes, reader: Reader | None = None) -> Picture:
    return asyncio.run(inspect(reader or Reader(data), len(data)))


@pytest.mark.parametrize("faststart", [True, False])
@pytest.mark.parametrize("sound", [True, False])
def test_files_of_ffmpeg(faststart: bool, sound: bool) -> None:
    video = sample_video(Sample(faststart=faststart, sound=sound))
    assert is_mp4(video[:12])
    picture = look(video)
    assert (picture.width, picture.height) == (320, 180)
    assert picture.duration == pytest.approx(2, abs=0.1)


def test_a_file_in_fragments_may_leave_its_duration_open() -> None:
    assert look(sample_video(Sample(fragmented=True))) == Picture(None, 320, 180)


def test_a_file_of_sound_alone() -> None:
    with pytest.raises(NotPlayable, match="no picture"):
        look(sample_video(Sample(picture=False, sound=True)))


GOOD = {
    "as usual": (movie(), (3.0, 640, 360)),
    "description last": (movie(MDAT, moov()), (3.0, 640, 360)),
    "64 bits of time": (movie(moov(mvhd(6000, 2000, version=1), trak()), MDAT), (3.0, 640, 360)),
    "64 bits in the track": (
        movie(moov(mvhd(), trak(tkhd(64, 48, version=1))), MDAT),
        (3.0, 64, 48),
    ),
    "a phone held upright": (movie(moov(mvhd(), trak(tkhd(turned=True))), MDAT), (3.0, 360, 640)),
    "sizes of 64 bits": (movie(moov(), large_box(b"mdat", b"pictures")), (3.0, 640, 360)),
    "to the end of the file": (movie(moov(), box(b"mdat", b"pict", size=0)), (3.0, 640, 360)),
    "zeros at the end": (movie(moov(), MDAT, bytes(5)), (3.0, 640, 360)),
    "boxes that nobody knows": (movie(box(b"abcd", b"?"), moov(), MDAT), (3.0, 640, 360)),
    "sound before pictures": (movie(moov(mvhd(), trak(tkhd(0, 0), b"soun"), trak()), MDAT), None),
    "fragments, and no time": (movie(moov(mvhd(0), trak(), box(b"mvex")), MDAT), (None, 640, 360)),
    "fragments, and all ones": (
        movie(moov(mvhd(0xFFFF_FFFF), trak(), box(b"mvex")), MDAT),
        (None, 640, 360),
    ),
}
BAD = {
    "no description": (movie(MDAT), "moov"),
    "no contents": (movie(moov()), "mdat"),
    "empty contents": (movie(moov(), box(b"mdat")), "mdat"),
    "cut short in the contents": (movie(moov(), MDAT)[:-1], "cut short"),
    "cut short in a head": (movie(moov(), MDAT, b"\0\0\0\x10fr"), "cut short"),
    "size below a head's": (movie(moov(), MDAT, box(b"free", size=7)), "damaged"),
    "64 bits below a head's": (movie(moov(), MDAT, large_box(b"free", size=15)), "damaged"),
    "64 bits, all ones": (movie(moov(), large_box(b"mdat", size=2**64 - 1)), "damaged"),
    "64 bits that are not there": (movie(moov(), MDAT, box(b"free", b"123", size=1)), "damaged"),
    "size of all ones": (movie(moov(), box(b"mdat", b"x", size=2**32 - 1)), "damaged"),
    "child larger than its parent": (movie(moov(mvhd(), box(b"trak", size=9999)), MDAT), "damaged"),
    "no time": (movie(moov(mvhd(0), trak()), MDAT), "no time"),
    "time scale of zero": (movie(moov(mvhd(1, 0), trak()), MDAT), "scale"),
    "no header": (movie(moov(trak()), MDAT), "mvhd"),
    "header cut short": (movie(moov(box(b"mvhd", bytes(8)), trak()), MDAT), "cut short"),
    "track header cut short": (movie(moov(mvhd(), trak(box(b"tkhd", bytes(50)))), MDAT), "short"),
    "empty track header": (movie(moov(mvhd(), trak(box(b"tkhd"))), MDAT), "short"),
    "picture of no size": (movie(moov(mvhd(), trak(tkhd(0, 360))), MDAT), "no picture"),
    "picture beyond reason": (movie(moov(mvhd(), trak(tkhd(65535, 360))), MDAT), "no picture"),
    "no track": (movie(moov(mvhd()), MDAT), "no picture"),
    "too many tracks": (movie(moov(mvhd(), *[trak()] * 65), MDAT), "too many tracks"),
    "nothing but a beginning": (FTYP, "moov"),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_boxes(name: str) -> None:
    data, told = GOOD[name]
    assert look(data) == Picture(*(told or (3.0, 640, 360)))


@pytest.mark.parametrize("name", BAD)
def test_bad_boxes(name: str) -> None:
    data, why = BAD[name]
    with pytest.raises(NotPlayable, match=why):
        look(data)


def test_many_boxes_are_not_looked_at_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mp4, "MOST_BOXES", 1000)
    reader = Reader(data := movie(moov(), MDAT, box(b"free") * 2000))
    with pytest.raises(NotPlayable, match="too many boxes"):
        look(data, reader)
    assert reader.calls < 10


def test_little_of_a_large_file_is_read() -> None:
    reader = Reader(data := padded(sample_video(), 8 * 1024 * 1024))
    look(data, reader)
    assert reader.bytes < 512 * 1024


@given(st.binary(max_size=400))
@example(box(b"moov", struct.pack(">I4s", 0, b"moov")))
def test_no_bytes_do_more_than_be_refused(tail: bytes) -> None:
    with pytest.raises(NotPlayable):
        look(FTYP + tail)


@given(st.data())
def test_no_damage_does_more_than_be_refused(data: st.DataObject) -> None:
    whole = bytearray(movie())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    try:
        picture = look(bytes(whole[:cut]))
    except NotPlayable:
        return
    assert 0 < picture.width <= 16_384
    assert 0 < picture.height <= 16_384
    assert picture.duration is None or picture.duration > 0


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (FTYP[:12], True),
        (FTYP[:11], False),
        (b"", False),
        (b"\0\0\0\x0bftypisom", False),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0", False),
        (b"<html>ftyp<script>", False),
        (b"\x1aE\xdf\xa3webm\0\0\0\0", False),
        (b"\0\0\0\x18moovisom", False),
    ],
)
def test_first_bytes(first: bytes, told: bool) -> None:
    assert is_mp4(first) is told

"""Videos for tests, made by the ffmpeg that the imageio-ffmpeg wheel brings."""

import functools
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg


@dataclass(frozen=True)
class Sample:
    """What a video is to look like: H.264 and yuv420p, which every browser plays."""

    width: int = 320
    height: int = 180
    seconds: float = 2
    rate: int = 12
    faststart: bool = True
    """The description before the pictures, so that a browser may begin at once; else after them."""
    fragmented: bool = False
    sound: bool = False
    picture: bool = True
    source: str = "testsrc2"
    """Of ffmpeg's sources of pictures."""


@functools.cache
def sample_video(sample: Sample = Sample()) -> bytes:
    """Return an MP4 file; made once per process."""
    flags = [*["+faststart"] * sample.faststart]
    flags += ["+frag_keyframe+empty_moov"] * sample.fragmented
    looks = f"{sample.source}=size={sample.width}x{sample.height}:rate={sample.rate}"
    video = ["-f", "lavfi", "-i", looks] * sample.picture
    sound = ["-f", "lavfi", "-i", "sine"] * sample.sound
    how = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"] * sample.picture
    how += ["-c:a", "aac"] * sample.sound
    how += ["-t", f"{sample.seconds}"]
    how += ["-movflags", "".join(flags)] * bool(flags)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "sample.mp4"
        program = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-threads", "1"]
        subprocess.run([*program, *video, *sound, *how, made], check=True, timeout=60)
        return made.read_bytes()

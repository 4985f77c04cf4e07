"""Pictures of Julia's and Mandelbrot's sets, coarse at first and then finer and finer."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from computations.computation import Choice, Computation, Number, Step

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]

PASSES = ((16, 1), (8, 1), (4, 1), (2, 1), (1, 1), (1, 2))
"""How each pass is drawn: so many pixels in a row look alike, each is so many points squared."""

EFFORT = 20_000_000
"""Turns of a pixel, or of several together, in one step: about a tenth of a second of work."""

BAILOUT = 64.0
"""Square of the distance beyond which a point has escaped; a large one gives smooth colours."""

COLOURS = ((0, 7, 100), (32, 107, 203), (237, 255, 255), (255, 170, 0), (120, 20, 40), (0, 2, 0))


@dataclass(frozen=True)
class Place:
    """A part of the plane; with a `seed`, of the Julia set of that number."""

    middle: complex
    width: float
    seed: complex | None = None


PLACES = MappingProxyType(
    {
        "Seahorses": Place(-0.7465 + 0.1125j, 0.0075),
        "Elephants": Place(0.2755 + 0.0065j, 0.0075),
        "Spirals": Place(-0.77568377 + 0.13646737j, 0.00012),
        "Whole set": Place(-0.65 + 0j, 3.4),
        "Dragon": Place(0j, 3.3, -0.8 + 0.156j),
        "Snowflakes": Place(0j, 3.0, -0.4 + 0.6j),
    }
)


@dataclass(frozen=True)
class FractalImage:
    """A picture as it is so far: at its top, where it is finest, `stride` pixels look alike."""

    place: str
    pixels: Pixels
    stride: int
    smooth: bool

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def headline(self) -> str:
        return f"{self.width} × {self.height}"

    @property
    def facts(self) -> dict[str, str]:
        grain = "smooth" if self.smooth else f"{self.stride} × {self.stride} pixels"
        return {"Place": self.place, "Grain": grain}

    def to_json(self) -> dict[str, object]:
        return {
            "place": self.place,
            "width": self.width,
            "height": self.height,
            "stride": self.stride,
            "smooth": self.smooth,
        }

    def to_png(self) -> bytes:
        """Return it as a file."""
        file = io.BytesIO()
        Image.fromarray(self.pixels).save(file, "PNG", compress_level=3)
        return file.getvalue()


def draw(place: str, width: int, turns: int) -> Iterator[Step]:
    """Draw a place, `width` pixels wide, each of which is turned so many times at the most."""
    height = width * 5 // 8
    palette = _palette()
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    total, done = sum(width * height * (points / stride) ** 2 for stride, points in PASSES), 0
    for number, (stride, points) in enumerate(PASSES, 1):
        columns = np.arange(0, width, stride / points)
        band = stride * max(EFFORT // (turns * len(columns) * points), 1)
        for top in range(0, height, band):
            rows = np.arange(top, min(top + band, height), stride / points)
            found = palette[_escape(PLACES[place], rows, columns, width, turns)]
            block = _mean(found, points).repeat(stride, axis=0).repeat(stride, axis=1)
            pixels[top : top + band] = block[: height - top, :width]
            done += rows.size * columns.size
            value = FractalImage(place, pixels.copy(), stride, smooth=points > 1)
            yield Step(min(done / total, 1.0), f"Pass {number} of {len(PASSES)}", value)


def _escape(
    place: Place, rows: Floats, columns: Floats, width: int, turns: int
) -> NDArray[np.int64]:
    """Return a colour's number for each point: 0 for those that never escape."""
    scale = place.width / width
    x = place.middle.real + (columns - width / 2) * scale
    y = place.middle.imag - (rows - width * 5 // 8 / 2) * scale
    z = (x[np.newaxis, :] + 1j * y[:, np.newaxis]).ravel()
    c = z.copy() if place.seed is None else np.full(z.shape, place.seed)
    colours = np.zeros(z.shape, dtype=np.int64)
    left = np.arange(z.size)
    for turn in range(turns):
        z = z * z + c
        size = z.real**2 + z.imag**2
        away = size > BAILOUT
        if away.any():
            smooth = turn + 1 - np.log2(np.log2(size[away]) / np.log2(BAILOUT))
            colours[left[away]] = 1 + (48 * np.sqrt(np.maximum(smooth, 0))).astype(np.int64) % 1024
            z, c, left = z[~away], c[~away], left[~away]
            if not left.size:
                break
    return colours.reshape(len(rows), len(columns))


def _mean(colours: Pixels, points: int) -> Pixels:
    """Return the mean colours of squares of points."""
    if points == 1:
        return colours
    rows, columns, parts = colours.shape
    squares = colours.reshape(rows // points, points, columns // points, points, parts)
    mean: Pixels = squares.mean(axis=(1, 3)).astype(np.uint8)
    return mean


def _palette() -> Pixels:
    """Return 1,024 colours that go round in a circle, and black as the number 0."""
    stops = np.array([*COLOURS, COLOURS[0]], dtype=float)
    places = np.linspace(0, len(COLOURS), 1024, endpoint=False)
    round_ = [np.interp(places, range(len(stops)), stops[:, part]) for part in range(3)]
    colours: Pixels = np.concatenate([[[0, 0, 0]], np.stack(round_, axis=1)]).astype(np.uint8)
    return colours


FRACTAL = Computation(
    key="fractal",
    title="Fractal",
    summary="Draws a part of Mandelbrot’s or Julia’s set, coarse at first, then finer and finer.",
    icon=":material/blur_on:",
    parameters=(
        Choice("place", "Place", tuple(PLACES)),
        Number(
            "width", "Width in pixels", (160, 320, 480, 640, 960, 1280), 960, "{:,} pixels wide"
        ),
        Number(
            "turns",
            "Turns",
            (50, 100, 200, 500, 1000, 2000, 5000),
            1000,
            "{:,} turns",
            "More turns show more of what is close to the edge.",
        ),
    ),
    steps=draw,
)

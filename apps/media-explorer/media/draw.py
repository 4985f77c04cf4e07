"""Draws the pictures in drawings/: the same ones at each run. Needs numpy and pillow.

python draw.py            # into the folder beside this file
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float64]
SIZE = (1440, 1080)


def palette(values: Floats, colours: Iterable[str]) -> Floats:
    """Colours (H×W×3, 0 to 1) for values from 0 to 1, blended between evenly spaced stops."""
    stops = np.array([[int(c[i : i + 2], 16) / 255 for i in (0, 2, 4)] for c in colours])
    places = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(values, places, stops[:, band]) for band in range(3)], axis=-1)


def plane(size: tuple[int, int]) -> tuple[Floats, Floats]:
    """x and y of each pixel; y runs from -1 (top) to 1, x as far as the shape says."""
    width, height = size
    ratio = width / height
    x, y = np.meshgrid(np.linspace(-ratio, ratio, width), np.linspace(-1, 1, height))
    return x, y


def noise(x: Floats, y: Floats, seed: int, octaves: int = 5) -> Floats:
    """Smooth value noise, about 0 to 1."""
    table = np.random.default_rng(seed).random((64, 64))
    total, strength, sum_ = np.zeros_like(x), 1.0, 0.0
    for octave in range(octaves):
        u, v = x * 2**octave + 7.3 * octave, y * 2**octave + 3.1 * octave
        i, j = np.floor(u).astype(int), np.floor(v).astype(int)
        a, b = (f * f * (3 - 2 * f) for f in (u - i, v - j))
        top = table[j % 64, i % 64] * (1 - a) + table[j % 64, (i + 1) % 64] * a
        low = table[(j + 1) % 64, i % 64] * (1 - a) + table[(j + 1) % 64, (i + 1) % 64] * a
        total += strength * (top * (1 - b) + low * b)
        sum_ += strength
        strength /= 2
    return np.asarray(total / sum_, dtype=np.float64)


def julia(size: tuple[int, int]) -> Floats:
    """A Julia set, coloured smoothly by how fast each point escapes."""
    x, y = plane(size)
    z = (x + 1j * y) * 1.12
    steps = np.full(x.shape, 220.0)
    for step in range(220):
        inside = np.abs(z) <= 40
        z = np.where(inside, z * z - 0.79 + 0.151j, z)
        gone = inside & (np.abs(z) > 40)
        steps[gone] = step + 1 - np.log2(np.log(np.abs(z[gone])) / np.log(40))
    tone = np.clip(np.log1p(steps) / np.log1p(120), 0, 1)
    return palette(tone, ["050816", "0b1f4d", "155e75", "2dd4bf", "fef3c7", "fb923c", "3b0764"])


def mountains(size: tuple[int, int]) -> Floats:
    """Ridges at dusk, each layer nearer and darker than the one before."""
    x, y = plane(size)
    picture = palette((y + 1) / 1.5, ["1e1b4b", "4c1d95", "be185d", "fb7185", "fed7aa", "fff7ed"])
    open_sky = np.ones((*x.shape, 1))
    layers = ["c98a9e", "9a6390", "6b4380", "452c66", "281b47", "120d26"]
    for index, colour in enumerate(layers):
        shape = noise(x * (1.1 + 0.3 * index), x * 0, 40 + index) - 0.4
        ridge = 0.08 + 0.15 * index - (0.5 - 0.03 * index) * shape
        cover = np.clip((y - ridge) * size[1] / 3, 0, 1)[..., None]
        haze = np.clip((y - ridge) * 2.2, 0, 0.45)[..., None]
        tone = palette(np.zeros_like(x), [colour, colour]) * (1 - haze) + 0.78 * haze * picture
        picture = picture * (1 - cover) + tone * cover
        open_sky *= 1 - cover
    sun = np.clip(1 - np.hypot(x - 0.35, y + 0.02) / 0.17, 0, 1)[..., None] ** 0.25 * open_sky
    return picture * (1 - sun) + np.array([1.0, 0.96, 0.84]) * sun


def marble(size: tuple[int, int]) -> Floats:
    """Noise bent by noise bent by noise, as ink in water."""
    x, y = plane(size)
    a = noise(x * 1.6 + 3, y * 1.6, 7)
    b = noise(x * 1.6 + 9, y * 1.6 + 5, 8)
    c = noise(x * 1.2 + 4 * a, y * 1.2 + 4 * b, 9)
    d = noise(x * 1.1 + 4 * c + 2, y * 1.1 + 3 * a, 10)
    tone = np.clip((d - 0.22) * 1.75, 0, 1)
    colours = ["0f172a", "134e4a", "0d9488", "99f6e4", "fefce8", "fcd34d", "c2410c", "431407"]
    veins = (0.9 + 0.1 * np.sin(42 * c + 18 * d))[..., None]
    return palette(tone, colours) * veins


def attractor(size: tuple[int, int]) -> Floats:
    """Where a Clifford attractor's point goes, a few million steps long."""
    width, height = size
    start = np.random.default_rng(3).uniform(-1, 1, (2, 20_000))
    x, y = start[0], start[1]
    hits = np.zeros(width * height)
    scale = min(width / 4.9, height / 4.2)
    for step in range(240):
        x, y = (
            np.sin(-1.7 * y) + 1.3 * np.cos(-1.7 * x),
            np.sin(1.8 * x) - 0.7 * np.cos(1.8 * y),
        )
        if step < 10:
            continue
        column = np.clip(width / 2 + x * scale, 0, width - 1).astype(int)
        row = np.clip(height / 2 + y * scale, 0, height - 1).astype(int)
        hits += np.bincount(row * width + column, minlength=width * height)
    tone = np.log1p(hits.reshape(height, width))
    tone = np.clip(tone / np.quantile(tone, 0.998), 0, 1)
    return palette(tone, ["08060f", "2a1152", "7c1d8f", "e1457b", "fdae61", "fff8dc"])


def seeds(size: tuple[int, int]) -> Floats:
    """A flower's seeds: each turned by the golden angle from the one before."""
    x, y = plane(size)
    picture = palette(np.hypot(x, y) / 1.7, ["14332b", "0b1f1d", "06110f"])
    for index in range(1, 620):
        radius, angle = 0.0375 * index**0.5, index * np.pi * (3 - 5**0.5)
        distance = np.hypot(x - radius * np.cos(angle), y - radius * np.sin(angle))
        dot = 0.009 + 0.013 * index / 620
        cover = np.clip((dot - distance) * size[1] / 2 + 0.5, 0, 1)[..., None]
        if not cover.any():
            continue
        place = np.full((1, 1), index / 620)
        colour = palette(place, ["fef9c3", "facc15", "f97316", "e11d48", "7e22ce"])
        shine = 1.12 - 0.45 * np.clip(distance / dot, 0, 1)[..., None]
        picture = picture * (1 - cover) + np.clip(colour * shine, 0, 1) * cover
    return picture


def waves(size: tuple[int, int]) -> Floats:
    """Five drops in still water, where their rings meet."""
    x, y = plane(size)
    drops = np.random.default_rng(12).uniform((-1.3, -1), (1.3, 1), (5, 2))
    height = np.zeros_like(x)
    for cx, cy in drops:
        distance = np.hypot(x - cx, y - cy)
        height += np.sin(distance * 46) * np.exp(-distance * 1.25)
    slope_y, slope_x = np.gradient(height)
    light = np.clip(0.5 + (slope_x - slope_y) * size[1] / 130, 0, 1)
    tone = np.clip(0.62 * light + 0.38 * (0.5 + height / 5), 0, 1)
    return palette(tone, ["031525", "0b3a5e", "1479a8", "7cc7dd", "f4fbfb"])


DRAWINGS: dict[str, Callable[[tuple[int, int]], Floats]] = {
    "attractor": attractor,
    "julia set": julia,
    "marble": marble,
    "mountains at dusk": mountains,
    "seeds": seeds,
    "waves": waves,
}


def draw(name: str, size: tuple[int, int] = SIZE) -> Image.Image:
    """One of the drawings, by its name."""
    pixels = np.clip(DRAWINGS[name](size) * 255 + 0.5, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels, "RGB")


if __name__ == "__main__":
    folder = Path(__file__).resolve().parent / "drawings"
    folder.mkdir(exist_ok=True)
    for title in DRAWINGS:
        draw(title).save(folder / f"{title}.jpg", quality=86, optimize=True)

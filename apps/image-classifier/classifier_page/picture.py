"""A picture that somebody chose."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
SIDE = 900
"""Pixels of a preview's longer side, enough for a sharp screen."""


@dataclass(frozen=True)
class Picture:
    """A file, with the name that people know it by."""

    name: str
    content: bytes

    def preview(self) -> bytes:
        """Return a small JPEG, upright, on white; only of what the service could decode."""
        with Image.open(io.BytesIO(self.content)) as picture:
            picture.draft("RGB", (SIDE, SIDE))
            small = ImageOps.exif_transpose(_eight_bits(picture).convert("RGBA"))
        small.thumbnail((SIDE, SIDE))
        flat = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
        out = io.BytesIO()
        flat.convert("RGB").save(out, "JPEG", quality=88)
        return out.getvalue()


def samples() -> dict[str, Picture]:
    """Return the pictures that the app brings along."""
    files = {
        ":material/coffee: Coffee": "coffee.png",
        ":material/pets: Cat": "chelsea.png",
        ":material/rocket_launch: Rocket": "rocket.jpg",
    }
    return {title: Picture(name, (SAMPLES / name).read_bytes()) for title, name in files.items()}


def _eight_bits(picture: Image.Image) -> Image.Image:
    if not picture.mode.startswith("I"):
        return picture
    return picture.point(lambda value: value / 256).convert("L")

"""Pictures of what jobs have found, for those computations that give one."""

from dataclasses import dataclass

from computations.fractal import FractalImage
from computations.tour import Tour


@dataclass(frozen=True)
class Picture:
    """A file."""

    content: bytes
    media_type: str


def has_picture(value: object) -> bool:
    """Tell whether there is a picture of what a job has found."""
    return isinstance(value, FractalImage | Tour)


def picture_of(value: object) -> Picture | None:
    """Return the picture of what a job has found so far, if there is one."""
    match value:
        case FractalImage():
            return Picture(value.to_png(), "image/png")
        case Tour():
            return Picture(value.to_svg(), "image/svg+xml")
        case _:
            return None

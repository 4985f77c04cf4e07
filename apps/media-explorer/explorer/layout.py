"""How the grid is laid out: in rows or packed, in how many columns, of which width."""

from dataclasses import dataclass

from explorer.display_options import MAX_WIDTH, MIN_WIDTH

# A thumbnail is asked for in one of these, so that a file has few of them however often the
# layout is changed. They are the media server's own steps from 64 on.
_STEPS = (64, 128, 192, 256, 320, 480, 640, 960, 1280, 1920, 2560, 3200)

# Pixels of a thumbnail for each of the layout's: more of them is hardly seen on any screen.
_SHARPEST = 2

_WIDEST_INLINE = 1280


@dataclass(frozen=True)
class Layout:
    """`packed`: in their own proportions. `columns` are at most; `width` is in CSS pixels."""

    packed: bool
    captions: bool
    columns: int
    width: int

    @property
    def thumbnail_widths(self) -> tuple[int, ...]:
        """What a browser may choose from: it knows its columns' width and its screen's pixels.

        Not less than a quarter of the width, as columns can shrink; not more than twice of it.
        """
        largest = _step(self.width * _SHARPEST)
        return tuple(step for step in _STEPS if self.width // 4 < step <= largest)

    @property
    def thumbnail_width(self) -> int:
        """The one width for pictures that travel inside the page, which many of them make large."""
        return _step(min(self.width, _WIDEST_INLINE))


def preset_width(screen_width: int, columns: int) -> int:
    """How wide a picture is, if so many fill a screen."""
    return min(max(screen_width // columns, MIN_WIDTH), MAX_WIDTH)


def preset_label(screen_width: int, columns: int) -> str:
    """Columns and pixels, as "5, 384"."""
    return f"{columns}, {preset_width(screen_width, columns)}"


def _step(width: int) -> int:
    return next((step for step in _STEPS if step >= width), _STEPS[-1])

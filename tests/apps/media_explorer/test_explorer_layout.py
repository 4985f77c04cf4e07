"""How large pictures are, and which thumbnails are asked for."""

import pytest
from explorer.layout import Layout, preset_label, preset_width


@pytest.mark.parametrize(
    ("screen_width", "columns", "label", "width"),
    [
        (1920, 5, "5, 384", 384),
        (1280, 3, "3, 426", 426),
        (1280, 80, "80, 32", 32),
        (3840, 1, "1, 3200", 3200),
    ],
)
def test_a_preset_fills_a_screen(screen_width: int, columns: int, label: str, width: int) -> None:
    assert preset_label(screen_width, columns) == label
    assert preset_width(screen_width, columns) == width


@pytest.mark.parametrize(
    ("width", "choice", "inline"),
    [
        (32, (64,), 64),
        (384, (128, 192, 256, 320, 480, 640, 960), 480),
        (426, (128, 192, 256, 320, 480, 640, 960), 480),
        (3200, (960, 1280, 1920, 2560, 3200), 1280),
    ],
)
def test_thumbnails(width: int, choice: tuple[int, ...], inline: int) -> None:
    layout = Layout(packed=False, captions=True, columns=5, width=width)
    assert layout.thumbnail_widths == choice
    assert layout.thumbnail_width == inline

"""Which layouts are offered: [DISPLAY_OPTIONS] of the secrets, checked."""

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.setting import SettingsError, whole_number

MAX_COLUMNS = 80
MIN_WIDTH, MAX_WIDTH = 32, 3200
_WIDEST_SCREEN = 20_000
_KEYS = ("screen_widths", "default_screen_width", "num_columns", "default_num_columns")


@dataclass(frozen=True)
class DisplayOptions:
    """The screen widths (pixels) and numbers of columns to choose from, and the first choice."""

    screen_widths: tuple[int, ...] = (1280, 1440, 1920, 2560, 3840)
    default_screen_width: int = 1280
    num_columns: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 8, 10)
    default_num_columns: int = 3

    @classmethod
    def parse(cls, table: object) -> "DisplayOptions":
        """Check a table of TOML; what it leaves out keeps its default."""
        if not isinstance(table, Mapping):
            raise SettingsError("[DISPLAY_OPTIONS] must be a table.")
        for key in table:
            if key not in _KEYS:
                raise SettingsError(
                    f"[DISPLAY_OPTIONS] has {key!r}, but there are only: {', '.join(_KEYS)}."
                )
        widths = _numbers(table, "screen_widths", cls.screen_widths, MIN_WIDTH, _WIDEST_SCREEN)
        columns = _numbers(table, "num_columns", cls.num_columns, 1, MAX_COLUMNS)
        return cls(
            widths,
            _one_of(table, "default_screen_width", cls.default_screen_width, widths),
            columns,
            _one_of(table, "default_num_columns", cls.default_num_columns, columns),
        )


def _numbers(
    table: Mapping[str, object], key: str, default: tuple[int, ...], lowest: int, highest: int
) -> tuple[int, ...]:
    values = table.get(key, default)
    if isinstance(values, str) or not isinstance(values, list | tuple) or not values:
        raise SettingsError(f"{key} must be a list of numbers, such as {list(default)}.")
    return tuple(sorted({whole_number(key, value, lowest, highest) for value in values}))


def _one_of(table: Mapping[str, object], key: str, default: int, choices: tuple[int, ...]) -> int:
    """The default of a list; where only the list is given: its number nearest to ours."""
    if key not in table:
        return min(choices, key=lambda choice: abs(choice - default))
    number = whole_number(key, table[key], 1, _WIDEST_SCREEN)
    if number not in choices:
        raise SettingsError(
            f"{key} is {number}, but it must be one of: {', '.join(map(str, choices))}."
        )
    return number

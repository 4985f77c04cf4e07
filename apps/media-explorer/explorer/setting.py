"""One setting of the page: read as a number, or refused in words that name it."""


class SettingsError(Exception):
    """A setting that cannot be used; the message names it."""


def whole_number(key: str, value: object, lowest: int, highest: int) -> int:
    """A number within bounds; it may be written as a text."""
    try:
        number = int(str(value))
    except ValueError:
        number = lowest - 1
    if not lowest <= number <= highest:
        raise SettingsError(
            f"{key} is {value!r}, but it must be a number from {lowest} to {highest}."
        )
    return number

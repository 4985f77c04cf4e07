"""One setting of the page: read as what it is to be, or refused in words that name it."""


class SettingsError(Exception):
    """A setting that cannot be used; the message names it."""


def yes_or_no(key: str, value: object) -> bool:
    """A truth value; it may be written as a text."""
    said = str(value).strip().lower()
    if said not in ("true", "false"):
        raise SettingsError(f"{key} is {value!r}, but it must be true or false.")
    return said == "true"


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

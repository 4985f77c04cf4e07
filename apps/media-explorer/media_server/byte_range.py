"""The Range header of HTTP, for one range of bytes."""

import re

_RANGE = re.compile(r"bytes\s*=\s*([0-9]{0,19})\s*-\s*([0-9]{0,19})\s*", re.IGNORECASE | re.ASCII)


class RangeNotSatisfiableError(Exception):
    """The range starts after the end of the file."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes.")
        self.size = size


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last; None for the whole file.

    What is not one well-formed range (several, another unit, nonsense) is ignored, as
    RFC 9110, 14.2, allows: the client then gets the whole file.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    first, last = match.groups()
    if first:
        start, end = int(first), int(last) + 1 if last else size
        if last and end <= start:
            return None
    elif last:
        start, end = max(size - int(last), 0), size
    else:
        return None
    if start >= size:
        raise RangeNotSatisfiableError(size)
    return start, min(end, size)

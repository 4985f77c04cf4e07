"""Which bytes of a file a request asks for (RFC 9110, 13 and 14)."""

from collections.abc import Mapping

from werkzeug.http import parse_etags, parse_range_header, quote_etag


class NotSatisfiable(Exception):
    """The range has no byte of the file in it."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes.")
        self.size = size


def wanted_range(headers: Mapping[str, str], size: int, etag: str) -> tuple[int, int] | None:
    """Return the first byte and the one after the last; None for the whole file.

    What is not one well-formed range (several, another unit, nonsense) is ignored, and so is one
    for a copy that is another than this one: then the client gets the whole file.
    """
    condition = headers.get("if-range")
    if condition is not None and condition.strip() != quote_etag(etag):
        return None
    try:
        asked = parse_range_header(headers.get("range"))
    except ValueError:
        return None
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    start, end = asked.ranges[0]
    if start < 0:
        start = max(start + size, 0)
    if start >= size:
        raise NotSatisfiable(size)
    return start, size if end is None else min(end, size)


def is_unchanged(headers: Mapping[str, str], etag: str) -> bool:
    """Tell whether the client's copy is still good, by If-None-Match."""
    return parse_etags(headers.get("if-none-match")).contains_weak(etag)

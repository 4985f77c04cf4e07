"""Files over HTTP: validators, ranges and caching, from a descriptor that passed the checks.

Starlette's FileResponse opens a path again after it was checked, and has no 304.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import BinaryIO

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse

from byte_range import RangeNotSatisfiableError, parse_range
from media_item import MediaItem, OpenedMedia

_CHUNK = 256 * 1024
_FOR_EVER = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"

# An SVG that is opened by itself must not run its scripts as a page of this site.
_CONTENT_POLICY = (
    "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; sandbox"
)


def validators(item: MediaItem, tag: str = "", version: str | None = None) -> dict[str, str]:
    """Headers of a file (`tag`: of which form of it); a URL with the right `version` never ages."""
    modified = (item.modified or datetime.fromtimestamp(0, tz=UTC)).replace(microsecond=0)
    return {
        "ETag": f'"{item.version}{tag}"',
        "Last-Modified": format_datetime(modified, usegmt=True),
        "Cache-Control": _FOR_EVER if version and version == item.version else _ASK_AGAIN,
        "Content-Security-Policy": _CONTENT_POLICY,
    }


def is_unchanged(request: Headers, headers: dict[str, str]) -> bool:
    """Whether the client's copy is still good; an ETag decides alone (RFC 9110, 13.2.2)."""
    tags = request.get("if-none-match")
    if tags is not None:
        return _names(tags, headers["ETag"])
    since = _time(request.get("if-modified-since"))
    return since is not None and parsedate_to_datetime(headers["Last-Modified"]) <= since


def file_response(
    media: OpenedMedia, request: Headers, headers: dict[str, str], *, head: bool
) -> Response:
    """The file or the range of it that was asked for; closes the file in the end."""
    size = media.item.size or 0
    headers = headers | {"Accept-Ranges": "bytes", "Content-Type": media.item.content_type}
    try:
        wanted = None if _is_stale(request, headers) else parse_range(request.get("range"), size)
    except RangeNotSatisfiableError:
        media.stream.close()
        raise
    start, end = wanted or (0, size)
    headers["Content-Length"] = str(end - start)
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if wanted else 200
    if head:
        media.stream.close()
        return Response(status_code=status, headers=headers)
    return StreamingResponse(_chunks(media.stream, start, end), status, headers)


async def _chunks(stream: BinaryIO, start: int, end: int) -> AsyncIterator[bytes]:
    with stream:
        await to_thread.run_sync(stream.seek, start)
        while start < end:
            chunk = await to_thread.run_sync(stream.read, min(_CHUNK, end - start))
            if not chunk:  # the file was cut short meanwhile: the server closes the connection
                return
            start += len(chunk)
            yield chunk


def _is_stale(request: Headers, headers: dict[str, str]) -> bool:
    """Whether If-Range names another version than this one: then the whole file is sent."""
    condition = request.get("if-range")
    return condition is not None and condition not in (headers["ETag"], headers["Last-Modified"])


def _names(tags: str, etag: str) -> bool:
    return any(tag.strip().removeprefix("W/") in ("*", etag) for tag in tags.split(","))


def _time(value: str | None) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)

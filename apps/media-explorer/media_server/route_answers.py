"""What the routes answer beside their own JSON, for the API's description."""

from typing import Any

from media_schema import Failure

Answers = dict[int | str, dict[str, Any]]

_FAILURES = {
    401: "The token is missing or wrong",
    403: "The server may not change the source's folder",
    404: "There is no such source, file or deleted file",
    409: "What it asks for cannot be had or done as things are now",
    416: "The range starts after the end of the file",
    422: "A parameter is not what it must be",
    503: "The source's folder, or where changes are kept, cannot be used now",
}
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_FILE: dict[str, Any] = {
    "headers": {
        "ETag": {"schema": {"type": "string"}, "required": True},
        "Last-Modified": {"schema": {"type": "string"}, "required": True},
    },
}
_UNCHANGED: Answers = {304: {"description": "The client's copy is still good", **_FILE}}
_ELSEWHERE: Answers = {
    307: {
        "description": "The item is a link, and this is where it leads",
        "headers": {"Location": {"schema": {"type": "string"}, "required": True}},
    }
}


def failures(*statuses: int) -> Answers:
    """Errors with a reason as JSON."""
    return {each: {"model": Failure, "description": _FAILURES[each]} for each in statuses}


def file_answers() -> Answers:
    """A file, whole or in part; or as text, where it was asked to be encoded."""
    media = {f"{kind}/*": _BYTES for kind in ("image", "video", "audio")}
    text = {"text/plain": {"schema": {"type": "string"}}}
    part = {"Content-Range": {"schema": {"type": "string"}, "required": True}}
    return {
        200: {"description": "The file", "content": media | text},
        206: {"description": "The range", "content": media, "headers": _FILE["headers"] | part},
        **_UNCHANGED,
        **_ELSEWHERE,
    }


def thumbnail_answers() -> Answers:
    found = {"description": "The thumbnail", "content": {"image/webp": _BYTES}, **_FILE}
    return {200: found, **_UNCHANGED, **_ELSEWHERE}


def deleted_answer() -> Answers:
    """What was deleted, and which route gives it back."""
    given_back = {
        "operationId": "restore",
        "parameters": {"source": "$request.path.source", "trash_id": "$response.body#/id"},
    }
    return {200: {"description": "It is in the trash", "links": {"restore": given_back}}}

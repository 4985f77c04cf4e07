"""The control protocol: one JSON object per line, as bytes and values, never sockets.

A client sends one request line and reads lines until a reply: progress lines as things happen,
then exactly one reply. `watch` sends snapshots without end instead.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streamlit_controls.core.errors import ControllerError, ProtocolError, Unauthorized

MAX_LINE = 64 * 1024
"""Bytes in one request line, newline included. Replies may be longer."""

Message = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """What a client asks for: a verb and its arguments by name."""

    verb: str
    args: Mapping[str, Any]

    def app(self) -> str | None:
        """Return the app that the request names, if it names one."""
        value = self.args.get("app")
        if value is not None and not isinstance(value, str):
            raise ProtocolError(f"args.app: should be a string, not {type(value).__name__}")
        return value


def encode(message: Mapping[str, Any]) -> bytes:
    """Return a message as its line."""
    text = json.dumps(message, separators=(",", ":"), ensure_ascii=False)
    # Names of files may hold halves of characters, and errors tell such names.
    return text.encode(errors="replace") + b"\n"


def decode(line: bytes) -> Message:
    """Return the object that a line holds."""
    if len(line) > MAX_LINE:
        raise ProtocolError(f"the line is longer than {MAX_LINE} bytes")
    try:
        value = json.loads(line, object_pairs_hook=_table)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("the line is not JSON") from error
    if not isinstance(value, dict):
        raise ProtocolError(f"the line should be a JSON object, not {type(value).__name__}")
    return value


def parse_request(line: bytes, token: str) -> Request:
    """Return the request of a line that carries the manager's token.

    Raises Unauthorized before it looks at anything else, and ProtocolError for what is no request.
    """
    message = decode(line)
    given = message.get("token")
    if not isinstance(given, str) or not hmac.compare_digest(
        given.encode(errors="replace"), token.encode()
    ):
        raise Unauthorized(
            "the token is missing or wrong", "the token is in .state/run/token of the project"
        )
    verb, args = message.get("verb"), message.get("args", {})
    if not isinstance(verb, str):
        raise ProtocolError("verb: should be a string")
    if not isinstance(args, dict):
        raise ProtocolError("args: should be an object")
    unknown = sorted(set(message) - {"token", "verb", "args"})
    if unknown:
        raise ProtocolError(f"{unknown[0]}: unknown key")
    return Request(verb, args)


def request(token: str, verb: str, args: Mapping[str, Any]) -> Message:
    """Return the one line that a client sends."""
    return {"token": token, "verb": verb, "args": dict(args)}


def progress(app: str | None, service: str | None, state: str, message: str) -> Message:
    """Return a line that says what happens just now."""
    return {
        "type": "progress",
        "app": app,
        "service": service,
        "state": state,
        "message": message,
    }


def snapshot(document: Mapping[str, Any]) -> Message:
    """Return a line of `watch`."""
    return {"type": "snapshot", "snapshot": dict(document)}


def reply(result: Mapping[str, Any]) -> Message:
    """Return the final line of a request that was carried out."""
    return {"type": "reply", "ok": True, "result": dict(result)}


def failure(error: ControllerError, result: Mapping[str, Any] | None = None) -> Message:
    """Return the final line of a request that was not, or not wholly, carried out."""
    return {"type": "reply", "ok": False, "error": error.as_dict(), "result": dict(result or {})}


def _table(pairs: list[tuple[str, Any]]) -> Message:
    """Return an object of a line; where a key stands there twice nobody knows which is meant."""
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ProtocolError("a key stands there twice")
    return table

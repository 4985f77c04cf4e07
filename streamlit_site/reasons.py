"""What visitors are told of why an app does not work: less than its operator."""

import re

HARMLESS = frozenset(
    {"SyntaxError", "IndentationError", "TabError", "ModuleNotFoundError", "ImportError"}
)
"""Exceptions whose message is about code. That of any other may hold an address or a password."""

_EXCEPTION = re.compile(
    r"(?P<type>[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Warning))(?P<message>:.*?)?"
    r"(?P<place> \([^()]*, line \d+\))?",
    re.DOTALL,
)
_EXIT = re.compile(r"(?P<how>exited with code \d+): (?P<said>.*)", re.DOTALL)
_GAVE_UP = re.compile(r"; gave up after \d+ crashes in a row\Z")
_PATH = re.compile(r"(?:file://|(?<![\w./:]))/[^\s,;()'\"]+")
_PID = re.compile(r" by [^,]*, pid \d+")


def public(reason: str) -> str:
    """Return a reason without what an app or the machine would not tell a stranger.

    Of an exception its type and place are left, of what a process wrote nothing, and no path of
    the machine and no process.
    """
    end = _GAVE_UP.search(reason)
    gave_up = end[0] if end else ""
    text = reason.removesuffix(gave_up)
    ended = _EXIT.fullmatch(text)
    if ended:
        raised = _exception(ended["said"])
        return f"{ended['how']}: {raised}{gave_up}" if raised else f"{ended['how']}{gave_up}"
    raised = _exception(text)
    return (raised or _PATH.sub("…", _PID.sub("", text))) + gave_up


def _exception(text: str) -> str | None:
    found = _EXCEPTION.fullmatch(text)
    if found is None:
        return None
    if found["type"] in HARMLESS:
        return _PATH.sub("…", text)
    return found["type"] + (found["place"] or "")

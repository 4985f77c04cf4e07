"""What is said of an exception that ended a task. Whoever wrote that may have made any mistake."""

import contextlib
import logging

_log = logging.getLogger(__name__)


def described(raised: BaseException) -> str:
    """Return an exception's name and text, if it has a text: making that may fail as well."""
    name = type(raised).__name__
    try:
        return f"{name}: {raised}".removesuffix(": ")
    except BaseException:  # noqa: BLE001
        return name


def log(what: str, raised: BaseException) -> None:
    """Have the log tell of a failure; a log that fails itself is no reason to end anything."""
    with contextlib.suppress(Exception):
        _log.warning("%s failed", what, exc_info=raised)

"""Errors that people read: what is wrong, where, and what to do next."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what an operator wrote, and where it stands."""

    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.path}: {self.message}" if self.path else self.message
        return f"{text} ({self.hint})" if self.hint else text


class ControllerError(Exception):
    """An error that is the answer: it carries its message, its hint and its exit code."""

    code: str = "failed"
    exit_code: int = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def as_dict(self) -> dict[str, Any]:
        """Return the error in the shape that the control protocol sends."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "exit_code": self.exit_code,
        }


class ManagerNotRunning(ControllerError):
    """Nobody answers on the control port."""

    code = "not-running"
    exit_code = 3


class AlreadyRunning(ControllerError):
    """Another keeper holds this project."""

    code = "already-running"


class Leaving(ControllerError):
    """The manager is ending everything."""

    code = "leaving"


class UnknownApp(ControllerError):
    """The operator named an app that is not there."""

    code = "unknown-app"
    exit_code = 2


class ProtocolError(ControllerError):
    """A line on the control connection is not what the protocol allows."""

    code = "protocol"


class Unauthorized(ControllerError):
    """The line's token is not the manager's."""

    code = "unauthorized"


class LaunchError(ControllerError):
    """A process cannot be started as asked."""

    code = "launch"


class BuildError(ControllerError):
    """A virtual environment cannot be had."""

    code = "environment"


class ConfigError(ControllerError):
    """A configuration is refused: every problem at once."""

    code = "config"

    def __init__(self, problems: Iterable[Problem], source: str = "config.json") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        super().__init__(f"{source} has {count} {noun}")

    def as_dict(self) -> dict[str, Any]:
        return super().as_dict() | {"problems": [asdict(problem) for problem in self.problems]}


class RemoteError(ControllerError):
    """An error reply of the manager, as its client raises it."""

    def __init__(self, error: Mapping[str, Any], result: Mapping[str, Any] | None = None) -> None:
        super().__init__(str(error.get("message", "failed")), str(error.get("hint", "")))
        self.code = str(error.get("code", "failed"))
        self.exit_code = int(error.get("exit_code", 1))
        self.problems = tuple(Problem(**problem) for problem in error.get("problems", ()))
        self.result = dict(result or {})

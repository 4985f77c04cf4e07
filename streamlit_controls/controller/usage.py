"""The error of a command line that is none."""

import click

from streamlit_controls.core.errors import ControllerError


class WrongUsage(ControllerError):
    """The command line itself is not one that we know."""

    code = "usage"
    exit_code = 2

    @classmethod
    def of(cls, error: click.ClickException, program: str) -> "WrongUsage":
        """Return click's complaint in our form."""
        message = error.format_message().rstrip(".")
        context = error.ctx if isinstance(error, click.UsageError) else None
        path = context.command_path if context else program
        return cls(message[:1].lower() + message[1:], f"see {path} --help")

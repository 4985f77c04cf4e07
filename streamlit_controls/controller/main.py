"""The boundary of the command line: turns every error into a message and an exit code."""

import os
import signal
import sys
from collections.abc import Sequence

import click

from streamlit_controls.controller.cli import PROGRAM, cli
from streamlit_controls.controller.crash import record
from streamlit_controls.controller.output import as_document, show_error, show_json
from streamlit_controls.controller.session import current_project
from streamlit_controls.controller.usage import WrongUsage
from streamlit_controls.core.errors import ControllerError

PIPE_CLOSED, USAGE, INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    # Where the caller closed one of them, what is said there is for nobody.
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    as_json = "--json" in arguments
    try:
        if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # as it was while we were imported
            signal.signal(signal.SIGINT, signal.default_int_handler)
        code = cli.main(arguments, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return USAGE
    except click.ClickException as error:
        return _refuse(WrongUsage.of(error, PROGRAM), as_json)
    except ControllerError as error:
        return _refuse(error, as_json)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # What is still buffered for the reader that left must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        return _refuse(ControllerError(f"{error.strerror or error}{where}"), as_json)
    except Exception as error:  # noqa: BLE001 - the outermost boundary
        return _refuse(record(error, current_project()), as_json)


def _refuse(error: ControllerError, as_json: bool) -> int:
    if as_json:
        show_json({"ok": False, "error": as_document(error)})
    else:
        show_error(error)
    return error.exit_code

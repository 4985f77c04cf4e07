"""What to do with an error that nobody foresaw: its traceback goes to the log."""

import sys
import time

from streamlit_controls.core.errors import ControllerError
from streamlit_controls.project import Project


class UnexpectedError(ControllerError):
    """A fault of this program."""

    code = "unexpected"


def record(error: Exception, project: Project) -> ControllerError:
    """Append an error's traceback to the log; return the one line about it for people."""
    import traceback  # only now: a millisecond of every call

    log = project.controller_log
    text = "".join(traceback.format_exception(error))
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {' '.join(sys.argv[1:])}\n{text}")
        hint = f"this is a fault of Streamlit Controller: details are at the end of {log}"
    except OSError:
        hint = "this is a fault of Streamlit Controller; its log could not be written"
    return UnexpectedError(what, hint)

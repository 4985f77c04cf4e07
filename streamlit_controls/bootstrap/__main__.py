"""Makes an environment from a lock file and prints its Python: `bootstrap LOCK FOLDER`."""

from __future__ import annotations

import signal
import sys
from pathlib import Path


def main(arguments: list[str], *, answer: bool = True) -> None:
    """Make the environment; `answer` prints the path of its Python."""
    if sys.version_info < (3, 11):  # noqa: UP036 - scripts come here with any Python
        sys.exit(f"Error: Python 3.11 or newer is needed; {sys.executable} is older")
    from streamlit_controls.bootstrap.environment import prepare
    from streamlit_controls.bootstrap.running import SetupError

    lock, venv = (Path(argument).absolute() for argument in arguments)
    try:
        if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # as it was while we were imported
            signal.signal(signal.SIGINT, signal.default_int_handler)
        python = prepare(lock, venv)
    except SetupError as error:
        sys.exit(error.text)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(
            f"Error: {venv.parent} cannot be set up: {error.strerror}: {error.filename}\n"
            "Hint: this account needs to write there, on a disk with 500 MB free"
        )
    if answer:
        print(python)  # noqa: T201 - what the scripts read


if __name__ == "__main__":
    main(sys.argv[1:])

"""The command line: what ./streamlit_controller runs in its own environment."""

import os
import signal
import sys


def end_silently() -> None:
    """Have Ctrl-C end this process without a traceback, unless it is to be ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


end_silently()  # while we import; then `main` answers to it
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])  # ./streamlit_controller held it back
os.environ.pop("PYTHONPATH", None)  # it is ours: no process that we start should see it
sys.dont_write_bytecode = False  # many images forbid it for all; it would make each call slower

from streamlit_controls.controller.main import INTERRUPTED, main  # noqa: E402

try:
    code = main()
    end_silently()
except KeyboardInterrupt:  # in the very moment in which it had its answer
    code = INTERRUPTED
sys.exit(code)

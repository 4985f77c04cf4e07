"""Has this process write what it is doing to its log, when the manager asks before it ends it."""

from __future__ import annotations

import faulthandler
import signal

LOG = 2
"""The descriptor of the log, whatever `sys.stderr` may be by then."""


def show_on_request() -> None:
    """Have SIGQUIT write where each thread is, also where the event loop or Python is blocked."""
    faulthandler.register(signal.SIGQUIT, file=LOG, all_threads=True, chain=False)

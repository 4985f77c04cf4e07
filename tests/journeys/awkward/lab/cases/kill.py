"""An end without a word: by a signal."""

import os
import signal
import time


def show() -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)
    return "never"

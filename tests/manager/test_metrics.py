"""What processes use, measured when somebody asks."""

import os
import subprocess
import sys
import time

import pytest

from streamlit_controls.core.snapshot import Usage
from streamlit_controls.manager.metrics import Metrics


def test_own_process() -> None:
    usage = Metrics()(os.getpid())
    assert usage.rss_bytes is not None
    assert usage.rss_bytes > 1_000_000
    assert usage.cpu_percent is not None
    assert usage.cpu_percent >= 0


def test_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert Metrics()(child.pid) == Usage()


def test_the_share_is_that_since_the_last_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1e12
    monkeypatch.setattr(time, "time", lambda: now)
    made = Metrics()
    made(os.getpid())
    now += 1e6
    assert made(os.getpid()).cpu_percent == 0.0
    made.forget(set())
    assert made(os.getpid()).cpu_percent is not None

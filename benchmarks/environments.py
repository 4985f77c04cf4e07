"""The virtual environments that the contenders run in."""

import os
import sys
from pathlib import Path

from streamlit_controls.bootstrap.environment import prepare

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".state"

PLAIN = STATE / "venv-benchmarks-plain"
"""What `pip install streamlit` gives: for all who start `streamlit run`."""
SERVED = STATE / "venv-benchmarks-served"
"""What the controller gives an app that asks for nothing: the same, uvloop and httptools added."""
SHINYHUB = STATE / "venv-benchmarks-shinyhub"
"""ShinyHub alone: its apps run in the plain one."""

LOCKS = {
    PLAIN: ROOT / "benchmarks" / "plain.lock",
    SERVED: ROOT / "streamlit_controls" / "runner" / "default.lock",
    SHINYHUB: ROOT / "benchmarks" / "peers.lock",
}


def make(*environments: Path) -> None:
    """Make those that are missing or out of date, by the uv beside this Python."""
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{before}"
    try:
        for environment in environments:
            prepare(LOCKS[environment], environment)
    finally:
        os.environ["PATH"] = before

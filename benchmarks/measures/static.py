"""How often one file of Streamlit's front end can be served."""

import re
import subprocess
import sys
from collections.abc import Sequence
from urllib.parse import urljoin

from benchmarks.client import Connection
from benchmarks.contender import Contender
from benchmarks.environments import ROOT
from benchmarks.session import Session
from benchmarks.turns import turns

SECONDS = 4.0
LARGEST = "protobuf.*.js"
"""The largest script that every page loads."""


def measure(session: Session, contenders: Sequence[Contender]) -> None:
    """Ask each contender for the file as often as it can answer, one contender at a time."""
    for _, contender in turns(contenders, session.rounds):
        rate = subprocess.run(
            [sys.executable, "-m", "benchmarks.load", _script(contender), str(SECONDS)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=SECONDS * 10,
        ).stdout
        session.results.add("static", contender.name, float(rate))


def _script(contender: Contender) -> str:
    """Return the file's address, in the folder that the page names for its scripts."""
    page = contender.page(contender.apps[0])
    connection = Connection(page)
    try:
        html = connection.get(page).decode()
        [entry] = re.findall(r'<script[^>]* src="([^"]+/index\.[^"]+\.js)"', html)
        static_files = contender.venv.glob(
            f"lib/*/site-packages/streamlit/static/static/js/{LARGEST}"
        )
        [name] = [path.name for path in static_files]
        address = urljoin(urljoin(connection.address, entry), name)
        connection.get(address)
        return str(address)
    finally:
        connection.close()

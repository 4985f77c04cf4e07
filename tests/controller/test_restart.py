"""What `restart` says of those who stay where they were."""

import time

import pytest

from tests.controller import documents
from tests.controller.conftest import CommandLine
from tests.controller.fake_manager import FakeManager, outcome, reply

RUNNING = "hello is running at http://127.0.0.1:5000/hello/"


@pytest.mark.parametrize(
    ("sessions", "said"),
    [
        (0, RUNNING),
        (
            1,
            f"{RUNNING}; 1 open session stays on the old one, for 9m 5",
        ),
        (
            3,
            f"{RUNNING}; 3 open sessions stay on the old one, for 9m 5",
        ),
    ],
)
def test_who_stays(run: CommandLine, manager: FakeManager, sessions: int, said: str) -> None:
    old = documents.instance(
        "p7wd22", 9504, 8504, state="draining", sessions=sessions, drains_until=time.time() + 599
    )
    app = documents.app("hello", 8501, instances=[documents.instance("k3f9xx", 9501, 8501), old])
    manager.answers["restart"] = [reply(outcome(hello="running"))]
    manager.answers["status"] = [reply(documents.status({"hello": app}))]
    assert run("restart", "hello").out.splitlines()[-1].startswith(said)

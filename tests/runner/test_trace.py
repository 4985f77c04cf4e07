"""What a process that hangs says before it is killed."""

import signal
import socket
from pathlib import Path

from tests.runner.processes import running
from tests.support.waiting import until

BLOCKED = """
import os, sys, time

sys.stderr = open(os.devnull, "w")


def wait_for_ever():
    open("waiting", "w").close()
    time.sleep(600)


async def app(scope, receive, send):
    if scope["type"] == "http":
        wait_for_ever()
"""


def test_a_blocked_event_loop_shows_where_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "api"
    folder.mkdir()
    (folder / "server.py").write_text(BLOCKED)
    with (
        running("service.py", "server:app", cwd=folder) as started,
        socket.create_connection(("127.0.0.1", started.port)) as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until((folder / "waiting").exists, "the block")
        for _ in range(2):
            started.process.send_signal(signal.SIGQUIT)
        said = until(lambda: text if "in app" in (text := started.log()) else "", "its stack")
        assert 'server.py", line 9 in wait_for_ever' in said
        assert started.process.poll() is None

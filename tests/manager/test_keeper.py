"""The keeper as a real process, with a manager that does as it is told."""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from streamlit_controls import keeper
from tests.support.waiting import until


class Kept:
    """A keeper, its project and what its managers said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        code = folder / "code/streamlit_controls"
        code.mkdir(parents=True)
        (code / "__init__.py").touch()
        shutil.copy(keeper.__file__, code / "keeper.py")
        shutil.copy(Path(__file__).with_name("fake_manager.py"), code / "manager.py")
        self.ready, self._theirs = os.pipe()
        self.orders("listen ready")
        self.process: subprocess.Popen[bytes] | None = None

    def orders(self, words: str) -> None:
        (self.folder / "orders").write_text(words)

    def start(self) -> subprocess.Popen[bytes]:
        self.process = self.another(self._theirs)
        os.close(self._theirs)
        return self.process

    def another(self, ready: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "streamlit_controls.keeper"]
        command += ["--project", str(self.folder), "--ready-fd", str(ready)]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                env={**os.environ, "PYTHONPATH": str(self.folder / "code")},
                pass_fds=[ready],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def lives(self, count: int) -> list[dict[str, Any]]:
        """Return what the managers told, once there were so many."""
        file = self.folder / "lives"

        def look() -> list[dict[str, Any]] | None:
            lines = file.read_text().splitlines() if file.exists() else []
            return [json.loads(line) for line in lines] if len(lines) >= count else None

        return until(look, f"life {count} of the manager")

    def ready_line(self) -> bytes:
        return read_line(self.ready)

    def connects(self) -> bool:
        with socket.socket() as client:
            client.settimeout(5)
            port = int((self.folder / "port").read_text())
            return client.connect_ex(("127.0.0.1", port)) == 0

    def end(self) -> None:
        os.close(self.ready)
        if self.process is None:
            os.close(self._theirs)
            return
        children = []
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.process.pid).children(recursive=True)
        for each in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        self.process.kill()
        self.process.wait()


def read_line(descriptor: int) -> bytes:
    """Return what comes until a newline or the end."""
    said = b""
    while not said.endswith(b"\n"):
        assert select.select([descriptor], [], [], 20)[0]
        part = os.read(descriptor, 4096)
        if not part:
            break
        said += part
    return said


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path)
    yield made
    made.end()


def ended(kept: Kept) -> int:
    assert kept.process is not None
    return kept.process.wait(20)


def test_a_killed_manager_refuses_no_connection(kept: Kept) -> None:
    kept.start()
    assert kept.ready_line() == b'{"ok": true}\n'
    first = kept.lives(1)[0]
    assert first["given"] == []
    os.kill(first["pid"], signal.SIGKILL)
    for _ in range(500):
        assert kept.connects()
        if len((kept.folder / "lives").read_text().splitlines()) == 2:
            break
    assert kept.lives(2)[1]["given"] == ["port:listening"]
    os.kill(kept.lives(2)[1]["pid"], signal.SIGKILL)
    assert kept.lives(3)[2]["given"] == ["port:listening"]
    assert kept.connects()


def test_what_is_dropped_is_not_given_to_a_successor(kept: Kept) -> None:
    kept.orders("store=a store=b store=c store=b drop=a drop=nothing ready")
    kept.start()
    kept.ready_line()
    os.kill(kept.lives(1)[0]["pid"], signal.SIGKILL)
    assert kept.lives(2)[1]["given"] == ["b", "c"]


def test_a_request_to_end_is_passed_on(kept: Kept) -> None:
    (kept.folder / ".state/run").mkdir(parents=True)
    (kept.folder / ".state/run/address").write_text("127.0.0.1:1\n")
    process = kept.start()
    kept.ready_line()
    process.terminate()
    assert ended(kept) == 0
    assert len(kept.lives(1)) == 1
    assert not (kept.folder / ".state/run/address").exists()


def test_a_manager_that_never_comes_up_is_not_started_again(kept: Kept) -> None:
    kept.orders("crash")
    kept.start()
    assert ended(kept) == 1
    assert len(kept.lives(1)) == 1
    assert kept.ready_line() == b""


def test_one_that_was_up_once_is_started_again_and_again(kept: Kept) -> None:
    kept.orders("ready crash")
    process = kept.start()
    kept.lives(4)
    assert process.poll() is None
    said = until(lambda: (kept.folder / "log").read_text(), "words of the keeper")
    assert f"pid {kept.lives(1)[0]['pid']}, is gone: starting it again" in said


def test_a_request_to_end_while_no_manager_runs_is_for_the_next_one(kept: Kept) -> None:
    """Between two lives there is nobody to signal, and nobody else may be."""
    kept.orders("ready crash")
    process = kept.start()
    kept.lives(4)
    kept.orders("ready")
    process.terminate()
    assert ended(kept) == 0


def test_a_request_to_end_at_the_first_moment_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """-1 would be every process that there is."""
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append((pid, number)))
    keeper.Keeper(tmp_path, None).stop_manager()
    assert killed == []


def test_one_keeper_to_a_project(kept: Kept) -> None:
    kept.start()
    kept.ready_line()
    read, write = os.pipe()
    second = kept.another(write)
    os.close(write)
    said = json.loads(read_line(read))
    os.close(read)
    assert second.wait(20) == 1
    assert said == {
        "ok": False,
        "error": {"code": "already-running", "message": "it is running already"},
    }
    assert len(kept.lives(1)) == 1


def test_it_reaps_what_a_dead_manager_leaves(kept: Kept) -> None:
    kept.orders("orphan ready")
    process = kept.start()
    kept.ready_line()
    orphan = int((kept.folder / "orphan").read_text())
    kept.orders("ready")
    os.kill(kept.lives(1)[0]["pid"], signal.SIGKILL)
    kept.lives(2)
    until(lambda: psutil.Process(orphan).ppid() == process.pid, "the orphan's adoption")
    os.kill(orphan, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(orphan), "the orphan's end")


def test_hundreds_of_apps_have_files_enough(kept: Kept) -> None:
    process = kept.start()
    kept.ready_line()
    _, hard = psutil.Process(process.pid).rlimit(psutil.RLIMIT_NOFILE)
    for pid in (process.pid, kept.lives(1)[0]["pid"]):
        soft, _ = psutil.Process(pid).rlimit(psutil.RLIMIT_NOFILE)
        assert soft >= min(hard, keeper.FILES)


def test_it_keeps_hardly_anything_open(kept: Kept) -> None:
    process = kept.start()
    kept.ready_line()
    before = psutil.Process(process.pid).num_fds()
    for life in range(1, 4):
        os.kill(kept.lives(life)[-1]["pid"], signal.SIGKILL)
        kept.lives(life + 1)
    until(lambda: psutil.Process(process.pid).num_fds() <= before, "closed descriptors")

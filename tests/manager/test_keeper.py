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

from streamlit_controls.keeper import process as keepers
from streamlit_controls.keeper.keeper import Keeper
from tests.support.waiting import until

SHORT = """
import sys
from streamlit_controls.keeper import __main__, keeper
keeper.LOOK, keeper.SILENCE, keeper.PATIENCE = 0.1, 1.0, 1.0
sys.exit(__main__.main())
"""
"""A keeper that waits for less long."""


class Kept:
    """A keeper, its project and what its managers said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        code = folder / "code/streamlit_controls"
        code.mkdir(parents=True)
        (code / "__init__.py").touch()
        shutil.copytree(Path(keepers.__file__).parent, code / "keeper")
        shutil.copy(Path(__file__).with_name("fake_manager.py"), code / "manager.py")
        self.ready, self._theirs = os.pipe()
        self.orders("listen ready")
        self.process: subprocess.Popen[bytes] | None = None

    def orders(self, *lives: str) -> None:
        (self.folder / "orders").write_text("\n".join(lives))

    def start(self, *program: str, log: str = "log") -> subprocess.Popen[bytes]:
        self.process = self.another(self._theirs, *program, log=log)
        os.close(self._theirs)
        return self.process

    def another(self, ready: int, *program: str, log: str = "log") -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", *(program or ("-m", "streamlit_controls.keeper"))]
        command += ["--project", str(self.folder), "--ready-fd", str(ready)]
        with (self.folder / log).open("ab") as said:
            return subprocess.Popen(
                command,
                env={**os.environ, "PYTHONPATH": str(self.folder / "code")},
                pass_fds=[ready],
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def has_heard_all(self) -> None:
        """Wait until the keeper has carried out `ready`, and so what was said before."""
        assert self.process is not None
        pid, pipe = self.process.pid, Path(f"/proc/self/fd/{self.ready}").readlink()
        until(lambda: pipe not in opened(pid), "its closing of the pipe")

    def said(self, words: str) -> None:
        """Wait for words of the keeper."""
        until(lambda: words in (self.folder / "log").read_text(), words)

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


def opened(pid: int) -> list[Path]:
    """Return what a process has open."""
    found = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append(descriptor.readlink())
    return found


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
    kept.said(f"pid {kept.lives(1)[0]['pid']}, is gone: starting it again")


def test_a_request_to_end_while_no_manager_runs_is_for_the_next_one(kept: Kept) -> None:
    """Between two lives there is nobody to signal, and nobody else may be."""
    kept.orders("ready crash")
    process = kept.start()
    kept.lives(4)
    kept.orders("ready")
    process.terminate()
    assert ended(kept) == 0


def test_a_request_to_end_is_heeded_though_no_manager_comes_up(kept: Kept) -> None:
    """Nor is anything left of what they looked after, whether it listens to SIGTERM or not."""
    kept.orders("orphan ready crash", "crash")
    process = kept.start()
    kept.lives(3)
    orphan = int((kept.folder / "orphan").read_text())
    assert psutil.pid_exists(orphan)
    process.terminate()
    assert ended(kept) == 1
    assert not psutil.pid_exists(orphan)
    kept.said("it is ended without one")


@pytest.mark.parametrize("ignores", [False, True])
def test_children_are_ended_and_in_the_end_killed(ignores: bool) -> None:
    script = f"""
import signal, subprocess, sys, time
from streamlit_controls.keeper import process
process.inherit_orphans()
how = "signal.signal(signal.SIGTERM, signal.SIG_IGN); " if {ignores} else ""
child = f"import signal, time; {{how}}print('up', flush=True); time.sleep(600)"
started = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE)
started.stdout.readline()
began = time.monotonic()
process.end_children(0.5)
print(process._children(), time.monotonic() - began > 0.5)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout == f"set() {ignores}\n"


def test_a_request_to_end_at_the_first_moment_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """-1 would be every process that there is."""
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append((pid, number)))
    Keeper(tmp_path, lock=-1).stop_manager()
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
        assert soft >= min(hard, keepers.FILES)


def test_it_keeps_hardly_anything_open(kept: Kept) -> None:
    process = kept.start()
    kept.ready_line()
    before = psutil.Process(process.pid).num_fds()
    for life in range(1, 4):
        os.kill(kept.lives(life)[-1]["pid"], signal.SIGKILL)
        kept.lives(life + 1)
    until(lambda: psutil.Process(process.pid).num_fds() <= before, "closed descriptors")


def test_a_manager_that_hangs_is_killed(kept: Kept) -> None:
    kept.orders("listen beat ready", "ready")
    kept.start("-c", SHORT)
    kept.ready_line()
    os.kill(kept.lives(1)[0]["pid"], signal.SIGSTOP)
    assert kept.lives(2)[1]["given"] == ["port:listening"]
    kept.said(f"the manager, pid {kept.lives(2)[0]['pid']}, has said nothing for ")


def test_time_that_the_keeper_itself_was_stopped_is_nobodys_silence(kept: Kept) -> None:
    kept.orders("beat ready")
    process = kept.start("-c", SHORT)
    kept.ready_line()
    (manager,) = kept.lives(1)
    kept.has_heard_all()
    process.send_signal(signal.SIGSTOP)
    os.kill(manager["pid"], signal.SIGSTOP)  # as when a container is paused
    with pytest.raises(psutil.TimeoutExpired):
        psutil.Process(manager["pid"]).wait(1.5)
    process.send_signal(signal.SIGCONT)
    with pytest.raises(psutil.TimeoutExpired):
        psutil.Process(manager["pid"]).wait(0.5)
    assert len(kept.lives(2)) == 2, "it hangs all the same, for long enough in the end"


def test_one_that_never_gave_a_sign_of_life_is_not_judged_by_them(kept: Kept) -> None:
    kept.start("-c", SHORT)
    kept.ready_line()
    with pytest.raises(psutil.TimeoutExpired):
        psutil.Process(kept.lives(1)[0]["pid"]).wait(1.5)


def test_it_runs_the_new_code_as_the_same_process(kept: Kept) -> None:
    kept.orders("listen store=more ready", "orphan reload", "ready")
    process = kept.start()
    kept.ready_line()
    code = kept.folder / "code/streamlit_controls/keeper/__main__.py"
    new = f"open({str(kept.folder / 'ran')!r}, 'a').write('new ')"
    code.write_text(f"{new}\n{code.read_text()}")
    os.kill(kept.lives(1)[0]["pid"], signal.SIGKILL)
    orphan = int(until(lambda: _text(kept.folder / "orphan"), "the second manager's orphan"))
    third = kept.lives(3)[2]
    assert third["given"] == ["more", "port:listening"]
    assert _text(kept.folder / "ran") == "new "
    assert process.poll() is None
    parents = {psutil.Process(pid).ppid() for pid in (third["pid"], orphan)}
    assert parents == {process.pid}
    assert kept.connects()
    read, write = os.pipe()
    assert kept.another(write).wait(20) == 1, "another could take the lock"
    os.close(write)
    os.close(read)


def test_new_code_that_is_not_there_stops_nothing(kept: Kept) -> None:
    """The interpreter is replaced just now: the keeper goes on, and tries again."""
    python = kept.folder / "python"
    python.symlink_to(sys.executable)
    kept.orders("listen ready", "ready")
    program = f"import sys; sys.executable = {str(python)!r}\n{SHORT}"
    process = kept.start("-c", program)
    kept.ready_line()
    python.unlink()
    os.kill(kept.lives(1)[0]["pid"], signal.SIGKILL)
    kept.said("the manager cannot be started: [Errno 2]")
    assert kept.connects()
    assert process.poll() is None
    python.symlink_to(sys.executable)
    assert kept.lives(2)[1]["given"] == ["port:listening"]


def test_a_full_disk_stops_nothing(kept: Kept) -> None:
    kept.orders("ready crash")
    (kept.folder / "full").symlink_to("/dev/full")
    process = kept.start(log="full")
    kept.lives(3)
    assert process.poll() is None


def test_a_manager_that_does_not_take_what_it_is_given_is_killed(kept: Kept) -> None:
    """More than fits into the line's buffer, for one that stops before it reads."""
    names = " ".join(f"store=descriptor-{number:04}" for number in range(600))
    kept.orders(f"{names} ready", "ready")
    kept.start("-c", SHORT)
    kept.ready_line()
    stopped = kept.folder / "code/sitecustomize.py"
    stopped.write_text(
        "import os, signal, sys\n"
        "if '--link-fd' in sys.orig_argv:\n"
        "    os.unlink(__file__)\n"
        "    os.kill(os.getpid(), signal.SIGSTOP)\n"
    )
    os.kill(kept.lives(1)[0]["pid"], signal.SIGKILL)
    kept.said("does not begin: it is killed")
    assert len(kept.lives(2)[1]["given"]) == 600


def test_a_manager_that_is_gone_before_its_next_keeper_came_is_started_again(kept: Kept) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        adopted = ["--manager", str(gone.pid), "--link-fd", str(theirs.fileno())]
        with theirs:
            command = [sys.executable, "-P", "-m", "streamlit_controls.keeper"]
            kept.process = subprocess.Popen(
                [*command, "--project", str(kept.folder), *adopted],
                env={**os.environ, "PYTHONPATH": str(kept.folder / "code")},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        assert len(kept.lives(1)) == 1
    os.close(kept._theirs)


def _text(file: Path) -> str:
    return file.read_text() if file.exists() else ""

"""What writes to a deleted log is bounded and told of."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streamlit_controls.manager import lost_logs
from streamlit_controls.manager.lost_logs import LostLogs
from streamlit_controls.project import Project
from tests.support.projects import make_project
from tests.support.waiting import until

WRITER = "import sys; [print('x' * 999, flush=True) for _ in sys.stdin]"

Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


@pytest.fixture
def start(project: Project) -> Iterator[Start]:
    """Return what starts a process that writes a line to a log for each that it is told."""
    started: list[subprocess.Popen[bytes]] = []

    def one(name: str) -> subprocess.Popen[bytes]:
        with (project.logs / name).open("ab") as log:
            command = [sys.executable, "-c", WRITER]
            started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log))
        return started[-1]

    yield one
    for each in started:
        each.kill()
        each.communicate()


def write(process: subprocess.Popen[bytes], lines: int, size: int) -> None:
    """Have lines written, and wait until the log is of the size that comes of it."""
    assert process.stdin is not None
    process.stdin.write(b"\n" * lines)
    process.stdin.flush()
    until(lambda: written(process) == size, f"{size} bytes of log")


def written(process: subprocess.Popen[bytes]) -> int:
    return Path(f"/proc/{process.pid}/fd/1").stat().st_size


def test_it_is_emptied_when_it_is_too_large(project: Project, start: Start) -> None:
    process, lost = start("hello.log"), LostLogs(project)
    write(process, 9, 9000)
    assert lost.look(8000) == 0
    assert (written(process), lost.problems) == (9000, ()), "it is there"
    (project.logs / "hello.log").unlink()
    assert lost.look(9000) == 0
    assert written(process) == 9000
    assert lost.look(8000) == 9000
    assert written(process) == 0
    write(process, 2, 2000)
    assert not (project.logs / "hello.log").exists()


def test_it_is_told_until_the_process_has_ended(project: Project, start: Start) -> None:
    process, lost = start("hello.api.log"), LostLogs(project)
    start("website.log")
    shutil.rmtree(project.logs)
    lost.look(8000)
    assert [(each.path, each.message, each.hint) for each in lost.problems] == [
        (
            "logs",
            "logs/hello.api.log was deleted while hello.api writes to it",
            "./streamlit_controller restart hello",
        ),
        (
            "logs",
            "logs/website.log was deleted while website writes to it",
            "./streamlit_controller reload",
        ),
    ]
    process.kill()
    process.wait()
    lost.look(8000)
    assert len(lost.problems) == 1


def test_what_is_not_of_this_project_s_logs_is_left_alone(project: Project, start: Start) -> None:
    lost = LostLogs(Project(project.root / "other"))
    named, other = start("hello.log (deleted)"), start("hello.txt")
    (project.logs / "hello.txt").unlink()
    mine = start("hello.log")
    (project.logs / "hello.log").unlink()
    for each in (named, other, mine):
        write(each, 1, 1000)
    lost.look(10)
    assert ([written(each) for each in (named, other, mine)], lost.problems) == ([1000] * 3, ())
    lost = LostLogs(project)
    lost.look(10)
    assert [written(each) for each in (named, other, mine)] == [1000, 1000, 0]


def test_a_number_that_is_another_s_by_now(project: Project, start: Start) -> None:
    process = start("hello.log")
    write(process, 1, 1000)
    folder = project.logs.resolve()
    assert lost_logs._empty(f"/proc/{process.pid}/fd/1", folder, 10) == 0
    assert written(process) == 1000


def test_the_manager_goes_on_in_a_new_log(project: Project) -> None:
    """Whoever reads the service manager's journal still does: only what went to the log moves."""
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from streamlit_controls.manager.lost_logs import LostLogs\n"
        "from streamlit_controls.project import Project\n"
        "lost = LostLogs(Project(Path(sys.argv[1])))\n"
        "os.unlink(sys.argv[2])\n"
        "print('before', flush=True)\n"
        "lost.look(10_000)\n"
        "print('after', flush=True)\n"
        "print('aside', file=sys.stderr, flush=True)\n"
        "assert not lost.problems\n"
    )
    log = project.controller_log
    with log.open("ab") as output:
        command = [sys.executable, "-c", program, str(project.root), str(log)]
        done = subprocess.run(
            command, stdout=output, stderr=subprocess.PIPE, text=True, timeout=30, check=False
        )
    assert (done.returncode, done.stderr) == (0, "aside\n")
    assert log.read_text() == "after\n"

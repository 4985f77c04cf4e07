"""`start --foreground`: as a service manager, or a container, has it."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.journeys.project import COMMAND, SampleProject, listening
from tests.support.waiting import until


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[SampleProject]:
    """A project without apps."""
    project = SampleProject.make(tmp_path / "project")
    yield project
    project.end()


@contextmanager
def foreground(project: SampleProject) -> Iterator[subprocess.Popen[bytes]]:
    """Run a project as a service manager does; what it says is in the file `journal`."""
    command = [str(COMMAND), "--project", str(project.root), "start", "--foreground"]
    with (project.root / "journal").open("wb") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def journal(project: SampleProject) -> str:
    return (project.root / "journal").read_text()


def test_it_stays_tells_both_logs_and_ends_when_asked(empty: SampleProject) -> None:
    with foreground(empty) as process:
        until(lambda: "@site: ready" in journal(empty), "the site")
        status = empty.status()
        assert psutil.Process(status["manager"]["pid"]).ppid() == process.pid
        again = empty.run("start", "--foreground", code=1)
        assert "it is running already" in again.stderr
        empty.run("reload")
        assert process.poll() is None, "the same process runs the new code"
        log = (empty.root / "logs/controller.log").read_text()
        for said in ("makes way", "keeper: runs the code"):
            assert said in log
            assert said in journal(empty)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert not listening(empty.port)
        assert "manager ends" in journal(empty)
        assert empty.run("status", code=None).returncode == 3


def test_what_a_terminal_sends_ends_it_in_order(empty: SampleProject) -> None:
    with foreground(empty) as process:
        until(lambda: "@site: ready" in journal(empty), "the site")
        manager = empty.status()["manager"]["pid"]
        assert os.getpgid(manager) != os.getpgid(process.pid)
        process.send_signal(signal.SIGHUP)
        assert process.wait(30) == 0
        assert not psutil.pid_exists(manager)


def test_a_configuration_that_is_not_in_order_ends_it(empty: SampleProject) -> None:
    empty.config.write_text(json.dumps({"website_prot": 1}))
    with foreground(empty) as process:
        assert process.wait(30) == 1
    assert "config.json has 1 problem" in journal(empty)
    assert "website_prot" in journal(empty), "what is wrong is said where it is looked for"
    empty.configure({})


def test_one_app_is_not_for_the_foreground(empty: SampleProject) -> None:
    said = empty.run("start", "--foreground", "hello", code=2)
    assert "--foreground starts everything" in said.stderr

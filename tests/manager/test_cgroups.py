"""Control groups of instances, with real ones where this account may make some."""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from streamlit_controls.manager import cgroups
from streamlit_controls.manager.cgroups import Cgroups, delegated
from tests.support.waiting import until

DAEMON = """
import os, sys, time
sys.stdin.readline()
if os.fork():
    time.sleep(600)
os.setsid()
if os.fork():
    os._exit(0)
os.execve("/bin/sleep", ["sleep", "600"], {})
"""
"""Once told to, starts one that has left its parent, its session and its variables, and waits."""

PROC = {
    "cgroup": "9:memory:/x\n0::/system.slice/controller.service\n",
    "mountinfo": (
        "25 30 0:23 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
        "31 25 0:27 / {} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
    ),
}


@pytest.fixture
def base() -> Iterator[Path]:
    """A control group that may be divided."""
    mounted = cgroups._mounted(Path("/proc/self/mountinfo").read_text())
    if mounted is None or not os.access(mounted, os.W_OK):
        pytest.skip("this account may make no control groups here")
    group = mounted / f"test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made: {error}")
    if not (group / "cgroup.kill").exists():
        group.rmdir()
        pytest.skip("this kernel cannot end a control group at once")
    try:
        yield group
    finally:
        (group / "cgroup.kill").write_text("1")  # whoever is left where a test has failed
        for each in (*group.glob("instance-*"), group):
            until(partial(cgroups._removed, each), f"the end of {each.name}")


def members(group: Path) -> list[str]:
    return (group / "cgroup.procs").read_text().split()


def test_nobody_gets_out(base: Path) -> None:
    groups = Cgroups(base)
    gone = subprocess.Popen(["true"])
    gone.wait()
    process = subprocess.Popen([sys.executable, "-c", DAEMON], stdin=subprocess.PIPE)
    assert process.stdin is not None
    try:
        groups.hold("abc234", [gone.pid, process.pid])
        group = base / "instance-abc234"
        process.stdin.close()
        until(lambda: len(members(group)) == 2, "both of them")
        groups.hold("abc234", [process.pid])
        groups.end("abc234")
        assert not group.exists()
        assert process.wait(20) < 0
    finally:
        process.kill()
        process.wait()
    groups.end("abc234")
    groups.end("other")


def test_one_that_ends_by_itself_leaves_no_group(base: Path) -> None:
    groups = Cgroups(base)
    process = subprocess.Popen(["true"])
    groups.hold("abc234", [process.pid])
    process.wait()
    groups.end("abc234")
    assert list(base.glob("instance-*")) == []


@pytest.mark.parametrize("folder", [None, Path("/no/such/folder")])
def test_without_groups_nothing_happens(folder: Path | None) -> None:
    groups = Cgroups(folder)
    groups.hold("abc234", [os.getpid()])
    groups.end("abc234")


def test_a_folder_that_is_no_group_is_let_be(tmp_path: Path) -> None:
    groups = Cgroups(tmp_path)
    groups.hold("abc234", [os.getpid()])
    groups.end("abc234")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("attributes", "given"),
    [
        ({"user.delegate": b"1"}, True),
        ({"trusted.delegate": b"1"}, True),
        ({"user.delegate": b"0"}, False),
        ({}, False),
    ],
)
def test_only_what_is_delegated_is_divided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attributes: dict[str, bytes], given: bool
) -> None:
    own = tmp_path / "system.slice/controller.service"
    told = {Path(f"/proc/self/{name}"): text.format(tmp_path) for name, text in PROC.items()}

    def attribute(path: Path, name: str) -> bytes:
        assert path == own
        if name not in attributes:
            raise OSError
        return attributes[name]

    monkeypatch.setattr(os, "getxattr", attribute)
    monkeypatch.setattr(Path, "read_text", lambda path: told[path])
    assert delegated() == (own if given else None)


@pytest.mark.parametrize("name", PROC)
def test_systems_without_groups_of_version_2(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    told = {Path(f"/proc/self/{each}"): text for each, text in PROC.items()}
    told[Path(f"/proc/self/{name}")] = "9:memory:/x\n25 30 0:23 / /sys rw - sysfs sysfs rw\n"
    monkeypatch.setattr(Path, "read_text", lambda path: told[path])
    assert delegated() is None

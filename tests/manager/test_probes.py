"""A service's process is asked at a socket that it alone has."""

import os
import socket
from pathlib import Path

import pytest

from streamlit_controls.manager.probes import Probes


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # as the manager, which begins in its project
    return tmp_path / "run"


def connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        return asking.connect_ex(str(path)) == 0


def test_it_is_reached_by_the_instance_s_id(run: Path) -> None:
    probes = Probes(run)
    probe = probes.open("abc234")
    assert probe is not None
    with probe:
        path = probes.path("abc234")
        assert path is not None
        assert connects(path)
    assert not connects(path)
    probes.forget("abc234")
    assert probes.path("abc234") is None
    probes.forget("abc234")


def test_names_that_a_killed_manager_left_are_taken_away(run: Path) -> None:
    before, after = Probes(run), Probes(run)
    after.keep_only([])
    for instance in ("abc234", "def567"):
        probe = before.open(instance)
        assert probe is not None
        probe.close()
    after.keep_only(["def567"])
    assert [path.name for path in (run / "probes").iterdir()] == ["def567"]


def test_where_there_can_be_none_it_does_without(run: Path) -> None:
    run.mkdir()
    (run / "probes").write_text("in the way")
    assert Probes(run).open("abc234") is None
    assert Probes(run).path("abc234") is None


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_nobody_may_enter_is_no_reason_to_fail(run: Path) -> None:
    (run / "probes").mkdir(parents=True, mode=0o000)
    try:
        assert Probes(run).open("abc234") is None
        assert Probes(run).path("abc234") is None
        Probes(run).forget("abc234")
        Probes(run).keep_only([])
    finally:
        (run / "probes").chmod(0o700)

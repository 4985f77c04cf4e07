"""The Unix sockets by which the gateway reaches pages."""

import os
import socket
from pathlib import Path

import pytest

from streamlit_controls.manager.upstreams import Upstreams
from tests.manager.keeper_link import linked


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(os.path.relpath(path)) == 0


def test_an_instance_is_reached_by_its_id(run: Path) -> None:
    with linked(run) as (link, keeper):
        made = Upstreams(run, link)
        first = made.open(8501)
        assert made.open(8501) is first
        made.name("abc234", 8501)
        assert connects(run / "upstreams/abc234")
        assert made.stored() == {"upstream:8501": first.fileno()}
        assert keeper.heard() == [("store", "upstream:8501")]
        made.name("def567", 8501)
        assert connects(run / "upstreams/def567")
        made.close(8501)
        assert keeper.heard() == [("drop", "upstream:8501")]
        assert list((run / "upstreams").iterdir()) == []
        assert list((run / "sockets").iterdir()) == []
        made.close(8501)


def test_others_stay(run: Path) -> None:
    with linked(run) as (link, _):
        made = Upstreams(run, link)
        for name, port in (("abc234", 8501), ("def567", 8502)):
            made.open(port)
            made.name(name, port)
        made.close(8501)
        assert [path.name for path in (run / "upstreams").iterdir()] == ["def567"]
        assert connects(run / "upstreams/def567")
        made.close(8502)


def test_a_successor_gets_them_back(run: Path) -> None:
    with linked(run) as (link, _):
        before = Upstreams(run, link)
        original = before.open(8501)
        before.name("abc234", 8501)
        with linked(run, {"upstream:8501": original.fileno()}) as (second, _):
            original.close()
            made = Upstreams(run, second)
            assert set(made.stored()) == {"upstream:8501"}
            assert connects(run / "upstreams/abc234")
            made.keep_only([8501])
            assert connects(run / "upstreams/abc234")
            made.keep_only([])
            assert made.stored() == {}
            assert list((run / "upstreams").iterdir()) == []


def test_what_a_killed_manager_left_is_in_nobody_s_way(run: Path) -> None:
    with linked(run) as (link, _):
        Upstreams(run, link).open(8501).close()
        made = Upstreams(run, link)
        made.open(8501)
        made.name("abc234", 8501)
        assert connects(run / "upstreams/abc234")
        made.close(8501)


def test_one_is_copied_from_the_process_that_serves_it(run: Path) -> None:
    with linked(run) as (lost, its_keeper), linked(run) as (link, keeper):
        before = Upstreams(run, lost)
        low = os.open("/dev/null", os.O_RDONLY)
        before.open(8501)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(before._path(8501)))
            os.close(low)
            accepted, _ = before.open(8501).accept()  # it has the same name, and is found first
            with accepted:
                after = Upstreams(run, link)
                after.recover(8501, os.getpid())
                after.recover(8501, os.getpid())
        assert keeper.heard() == [("store", "upstream:8501")]
        its_keeper.heard()  # and so closed
        before.open(8501).close()
        assert connects(run / "sockets/8501")
        after.close(8501)


def test_what_cannot_be_copied_is_left_alone(run: Path) -> None:
    with linked(run) as (link, keeper):
        made = Upstreams(run, link)
        made.recover(8501, os.getpid())
        assert (made.stored(), keeper.heard()) == ({}, [])


def test_a_name_that_could_not_be_made_is_made_later(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with linked(run) as (link, _):
        made = Upstreams(run, link)
        for port in (8501, 8502):
            made.open(port)
        with monkeypatch.context() as patch:

            def full(*_: object) -> None:
                raise OSError(28, "No space left on device")

            patch.setattr(Path, "symlink_to", full)
            for name, port in (("abc234", 8501), ("def567", 8501), ("gone22", 8502)):
                made.name(name, port)
            assert made.all_named is False
            with pytest.raises(OSError, match="No space"):
                made.mend()
            made.close(8502)
        made.mend()
        named = [path.name for path in (run / "upstreams").iterdir()]
        assert (made.all_named, named) == (True, ["def567"])
        made.close(8501)


def test_folders_that_somebody_deleted_are_made_anew(run: Path) -> None:
    with linked(run) as (link, _):
        made = Upstreams(run, link)
        for folder in ("upstreams", "sockets"):
            (run / folder).rmdir()
        made.open(8501)
        made.name("abc234", 8501)
        assert connects(run / "upstreams/abc234")
        made.close(8501)

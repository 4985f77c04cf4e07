"""Sessions of a real Streamlit process, by clients that speak its protocol, drop and come back."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.streamlit_client import StreamlitClient
from tests.support.streamlit_server import serving
from tests.support.waiting import until

GRACE = 1.0
TIMES = {"STREAMLIT_KIT_GRACE": str(GRACE), "STREAMLIT_KIT_SETTLE": "0.1"}
PAGE = Path(__file__).parent / "pages/visits.py"

pytestmark = pytest.mark.journey


class App:
    """A running page, and what it wrote to its log."""

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self._log = log

    def told(self) -> list[str]:
        return self._log.read_text().splitlines()

    def tells(self, what: str, times: int = 1) -> None:
        until(lambda: self.told().count(what) >= times, f"{times} times {what!r} in the log")

    def beats(self, session: str, more: int = 1) -> None:
        """Wait for so many more heartbeats of a session."""
        what = f"heartbeat {session}"
        self.tells(what, self.told().count(what) + more)

    @contextlib.contextmanager
    def visit(self, session_id: str = "") -> Iterator[StreamlitClient]:
        with StreamlitClient(f"{self.url}/", session_id) as client:
            yield client


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    log = tmp_path_factory.mktemp("visits") / "log"
    with serving(PAGE, log, TIMES) as url:
        yield App(url, log)


def seen(texts: list[str]) -> tuple[str, str]:
    """Return the session and the state of its task, as the page tells."""
    session, task, _ = texts
    return session.split()[1], task.removeprefix("task ")


def test_a_session_begins_lives_and_ends_once(app: App) -> None:
    with app.visit() as client:
        session, task = seen(client.run())
        assert task.split()[0] in {"queued", "running"}
        for _ in range(3):
            assert seen(client.run()) == (session, f"running of {session}")
        app.beats(session, 3)
    app.tells(f"end {session}")
    app.tells(f"cancelled {session}")
    assert app.told().count(f"start {session}") == 1
    with app.visit() as other:
        new = seen(other.run())[0]
        app.beats(new, 3)
    told = app.told()
    assert told.count(f"end {session}") == 1
    assert told.index(f"start {session}") < told.index(f"heartbeat {session}")
    assert f"heartbeat {session}" not in told[told.index(f"end {session}") :]


def test_a_drop_of_half_a_second_ends_nothing(app: App) -> None:
    with app.visit() as witness:
        clock = seen(witness.run())[0]
        with app.visit() as client:
            session, _ = seen(client.run())
            app.beats(session)
            streamlits_own = client.session_id
        app.beats(clock, 5)  # which come every 0.1 s
        with app.visit(streamlits_own) as client:
            assert seen(client.run()) == (session, f"running of {session}")
            assert client.session_id == streamlits_own
            app.beats(clock, round(2 * GRACE / 0.1))
            app.beats(session)
            assert f"end {session}" not in app.told()
            assert f"cancelled {session}" not in app.told()
        app.tells(f"end {session}")


def test_who_comes_back_too_late_is_a_new_session(app: App) -> None:
    with app.visit() as client:
        session, _ = seen(client.run())
        app.beats(session)
        streamlits_own = client.session_id
    app.tells(f"end {session}")
    with app.visit(streamlits_own) as client:
        new, _ = seen(client.run())
        assert client.session_id == streamlits_own
        assert new != session
        app.beats(new)
    app.tells(f"end {new}")


def test_a_session_may_have_another_grace_time(app: App) -> None:
    with app.visit() as witness:
        clock = seen(witness.run())[0]
        with app.visit() as client:
            session, _ = seen(client.run(query_string="grace=600"))
            app.beats(session)
            streamlits_own = client.session_id
        app.beats(clock, round(2 * GRACE / 0.1))
        assert f"end {session}" not in app.told()
        with app.visit(streamlits_own) as client:
            assert seen(client.run(query_string="grace=0"))[0] == session
        app.tells(f"end {session}")


def test_nobody_reads_or_cancels_anothers_task(app: App) -> None:
    with app.visit() as one, app.visit() as other:
        mine, theirs = seen(one.run())[0], seen(other.run())[0]
        assert seen(one.run())[1] == f"running of {mine}"
        assert seen(other.run())[1] == f"running of {theirs}"
        assert seen(one.run(query_string="do=cancel"))[1].split()[0] in {"cancelling", "cancelled"}
        app.tells(f"cancelled {mine}")
        assert seen(other.run())[1] == f"running of {theirs}"


def test_clearing_the_caches_ends_nobodys_task(app: App) -> None:
    with app.visit() as one, app.visit() as other:
        mine, theirs = seen(one.run())[0], seen(other.run())[0]
        app.beats(mine)
        seen(one.run(query_string="do=clear"))
        assert seen(one.run()) == (mine, f"running of {mine}")
        assert seen(other.run()) == (theirs, f"running of {theirs}")
        app.beats(mine)
        app.beats(theirs, round(2 * GRACE / 0.1))
        assert f"end {mine}" not in app.told()
        assert f"end {theirs}" not in app.told()


def test_failing_callbacks_are_told_of_in_the_log_and_stop_nothing(app: App) -> None:
    with app.visit() as client:
        session, _ = seen(client.run())
        app.beats(session, 2)
    app.tells(f"end {session}")
    until(lambda: "this one always fails" in "\n".join(app.told()), "the failure is in the log")


CROWD = Path(__file__).parent / "pages/census.py"

KEPT = 4 * 128
"""Objects of the kit's: Streamlit itself keeps the state of the 128 sessions that left last."""

MANY = 640
"""Sessions; if each left but one object, there would be more than may be kept."""


def count(client: StreamlitClient) -> dict[str, int]:
    """Return what the process has: sessions that are not over, threads, objects of the kit."""
    texts = client.run(query_string="do=count")
    found = [text.split() for text in texts]
    counts = {words[0]: int(words[1]) for words in found if len(words) == 2}
    assert len(counts) == 3, texts
    return counts


def test_nothing_is_left_of_hundreds_of_sessions_that_come_and_go(tmp_path: Path) -> None:
    times = {"STREAMLIT_KIT_GRACE": "0.1", "STREAMLIT_KIT_SETTLE": "0.05"}
    with (
        serving(CROWD, tmp_path / "log", times) as url,
        StreamlitClient(f"{url}/") as witness,
    ):
        before = count(witness)
        assert before["sessions"] == 1
        for number in range(MANY):
            with StreamlitClient(f"{url}/") as client:
                if number % 4:
                    client.run()
                else:
                    client.begin()  # and leave while the script runs
        until(lambda: count(witness)["sessions"] == 1, "all sessions end")
        most = before["objects"] + KEPT
        until(lambda: count(witness)["objects"] < most, "the kit's objects are gone")
        assert count(witness)["threads"] <= before["threads"] + 24

"""The monitor, with its real threads: who is told what, and what disturbs nobody."""

import threading
import time
import weakref
from collections.abc import Callable, Iterator

import pytest

from streamlit_kit.sessions.monitor import SessionMonitor
from streamlit_kit.sessions.phase import News
from streamlit_kit.sessions.registration import Callback
from streamlit_kit.sessions.session import Session
from tests.support.waiting import until

BEAT, GRACE = 0.02, 0.1
LONG = 30.0


class Visit:
    """A session with a listener that keeps what it hears."""

    def __init__(self, monitor: SessionMonitor, *, connect: bool = True) -> None:
        self.monitor = monitor
        self.session = Session()
        self.heard: list[str] = []
        if connect:
            monitor.connect(self.session, self, GRACE)

    def listener(self, news: News) -> Callback:
        def hear(session: Session) -> None:
            assert session is self.session
            self.heard.append(news)

        return hear

    def register(self, key: str = "app", **others: Callback) -> None:
        callbacks = {news: others.get(news, self.listener(news)) for news in News}
        self.monitor.register(self.session, key, callbacks, BEAT)

    def settle(self) -> None:
        self.monitor.settle(self.session)

    def leave(self) -> None:
        self.monitor.disconnect(self.session, self)

    def hears(self, *news: str) -> None:
        until(lambda: set(news) <= set(self.heard), f"hearing of {news}")


@pytest.fixture
def monitor() -> SessionMonitor:
    return SessionMonitor(settle=LONG)


@pytest.fixture
def visit(monitor: SessionMonitor) -> Iterator[Visit]:
    visit = Visit(monitor)
    yield visit
    visit.leave()
    until(lambda: len(monitor) == 0, "all sessions end")


def test_a_whole_life(visit: Visit) -> None:
    visit.register()
    visit.settle()
    until(lambda: visit.heard.count("heartbeat") >= 3, "three heartbeats")
    visit.leave()
    visit.hears("end")
    beats = visit.heard.count("heartbeat")
    assert visit.heard == ["start", *["heartbeat"] * beats, "end"]


def test_heartbeats_come_no_faster_than_their_interval(visit: Visit) -> None:
    begin = time.monotonic()
    visit.register()
    visit.settle()
    until(lambda: visit.heard.count("heartbeat") >= 10, "ten heartbeats")
    assert visit.heard.count("heartbeat") <= (time.monotonic() - begin) / BEAT


def test_only_the_first_registration_of_a_key_counts(visit: Visit) -> None:
    calls: list[str] = []

    def called(name: str) -> Callback:
        return lambda _: calls.append(name)

    for run in ("first", "second", "third"):
        visit.register("one", start=called(f"one, {run}"))
        visit.register("two", start=called(f"two, {run}"))
    visit.settle()
    until(lambda: len(calls) == 2, "both keys hear of the start")
    visit.register("one", start=called("one, late"))
    visit.register("three", start=called("three"))
    until(lambda: len(calls) == 3, "a key that comes later hears of it too")
    assert sorted(calls) == ["one, first", "three", "two, first"]


def test_a_return_within_the_grace_time_is_no_end(monitor: SessionMonitor) -> None:
    visit = Visit(monitor, connect=False)
    monitor.connect(visit.session, "old", LONG)
    visit.register()
    visit.settle()
    visit.hears("start", "heartbeat")
    monitor.disconnect(visit.session, "old")
    assert monitor.knows(visit.session)
    monitor.connect(visit.session, "new", LONG)
    visit.heard.clear()
    visit.hears("heartbeat")
    assert "end" not in visit.heard
    monitor.give_grace(visit.session, 0)
    monitor.disconnect(visit.session, "new")
    visit.hears("end")


def test_no_heartbeats_while_it_is_away(monitor: SessionMonitor) -> None:
    visit, other = Visit(monitor, connect=False), Visit(monitor)
    monitor.connect(visit.session, "x", LONG)
    for each in (visit, other):
        each.register()
        each.settle()
        each.hears("heartbeat")
    monitor.disconnect(visit.session, "x")
    other.heard.clear()
    until(lambda: other.heard.count("heartbeat") >= 2, "others' heartbeats go on")
    visit.heard.clear()
    other.heard.clear()
    until(lambda: other.heard.count("heartbeat") >= 3, "others' heartbeats go on")
    assert visit.heard == []
    monitor.connect(visit.session, "y", 0)
    visit.hears("heartbeat")
    monitor.give_grace(visit.session, 0)
    monitor.disconnect(visit.session, "y")
    other.leave()
    until(lambda: len(monitor) == 0, "all sessions end")


@pytest.mark.parametrize("news", list(News))
def test_one_failing_callback_stops_neither_the_others_nor_the_monitor(
    monitor: SessionMonitor, visit: Visit, news: News, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_session: Session) -> None:
        raise SystemExit("this callback fails")

    visit.register("bad", **{news: fail})
    visit.heard.clear()
    good = Visit(monitor, connect=False)
    good.session = visit.session
    good.register("good")
    other = Visit(monitor)
    other.register()
    visit.settle()
    other.settle()
    until(lambda: good.heard.count("heartbeat") >= 3, "the other key's heartbeats go on")
    other.hears("start", "heartbeat")
    visit.leave()
    good.hears("end")
    visit.hears(*[each for each in News if each is not news])
    other.heard.clear()
    other.hears("heartbeat")
    other.leave()
    until(lambda: f"on_{news} of session {visit.session.id}" in caplog.text, "the log tells")


def test_a_slow_callback_is_waited_for_by_its_own_key_only(
    monitor: SessionMonitor, visit: Visit
) -> None:
    begun, on = threading.Event(), threading.Event()
    at_once: list[int] = []

    def slow(_session: Session) -> None:
        at_once.append(1)
        begun.set()
        assert on.wait(LONG)
        visit.heard.append("slow")

    visit.register("slow", heartbeat=slow)
    good = Visit(monitor, connect=False)
    good.session = visit.session
    good.register("good")
    visit.settle()
    assert begun.wait(LONG)
    good.heard.clear()
    until(lambda: good.heard.count("heartbeat") >= 3, "the other key's heartbeats go on")
    assert at_once == [1]
    visit.leave()
    good.hears("end")
    assert "end" not in visit.heard
    on.set()
    visit.hears("end")
    assert visit.heard == ["start", "slow", "end"]


def test_tabs_that_were_there_before_neither_begin_nor_end(monitor: SessionMonitor) -> None:
    visit = Visit(monitor)
    visit.register()
    over: list[Session] = []
    monitor.when_over(visit.session, over.append)
    other = Visit(monitor)
    other.register()
    other.settle()
    other.hears("start")
    other.leave()
    assert monitor.resume(visit.session, other.session, visit, LONG)
    assert over == [visit.session]
    assert not monitor.knows(visit.session)
    other.heard.clear()
    other.hears("heartbeat")
    monitor.give_grace(other.session, 0)
    monitor.disconnect(other.session, visit)
    other.hears("end")
    assert visit.heard == []
    late = Visit(monitor)
    assert not monitor.resume(late.session, other.session, late, LONG)
    assert monitor.knows(late.session)
    late.leave()


def test_an_end_is_told_also_where_nothing_else_happens(monitor: SessionMonitor) -> None:
    visit = Visit(monitor)
    callbacks = {News.START: None, News.HEARTBEAT: None, News.END: visit.listener(News.END)}
    monitor.register(visit.session, "app", callbacks, BEAT)
    visit.settle()
    visit.leave()
    visit.hears("end")


def test_no_mistake_in_one_session_ends_the_watch_of_all(
    monitor: SessionMonitor, caplog: pytest.LogCaptureFixture
) -> None:
    def mistaken(_session: Session) -> None:
        raise LookupError("not what it should do")

    visit, other = Visit(monitor), Visit(monitor)
    monitor.when_over(visit.session, mistaken)
    other.register()
    other.settle()
    visit.leave()
    until(lambda: "not what it should do" in caplog.text, "the log tells")
    other.heard.clear()
    other.hears("heartbeat")
    other.leave()
    other.hears("end")


def test_where_no_thread_can_be_started_it_is_tried_again(
    monitor: SessionMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", none_left)
        with pytest.raises(RuntimeError):
            Visit(monitor)
    visit = Visit(monitor)
    visit.register()
    visit.settle()
    visit.hears("heartbeat")
    visit.leave()
    visit.hears("end")


def test_what_waits_for_the_end_is_called_once(visit: Visit) -> None:
    over: list[Session] = []
    call: Callable[[Session], object] = over.append
    for _ in range(3):
        visit.monitor.when_over(visit.session, call)
    visit.leave()
    until(lambda: over, "the end")
    visit.monitor.when_over(visit.session, call)
    visit.register()
    assert over == [visit.session]
    assert (visit.monitor._registrations, visit.monitor._when_over) == ({}, {})
    assert visit.heard == []


def test_a_session_that_never_tells_begins_by_itself() -> None:
    monitor = SessionMonitor(settle=0.05)
    visit = Visit(monitor)
    visit.register()
    visit.hears("start", "heartbeat")
    visit.leave()
    visit.hears("end")


def test_nothing_is_left_of_a_thousand_sessions(monitor: SessionMonitor) -> None:
    threads = threading.active_count()
    gone: list[weakref.ref[Session]] = []
    ended = threading.Semaphore(0)
    for _ in range(1_000):
        visit = Visit(monitor)
        visit.register(end=lambda _: ended.release())
        monitor.when_over(visit.session, lambda _: None)
        visit.settle()
        visit.leave()
        gone.append(weakref.ref(visit.session))
        del visit
    for _ in range(1_000):
        assert ended.acquire(timeout=LONG)
    assert len(monitor) == 0
    until(lambda: not any(each() for each in gone), "all sessions' memory is free again")
    assert threading.active_count() <= threads + 9

"""The one view of what is wished and what is; its document is what `status --json` prints."""

from dataclasses import replace
from typing import Any

from streamlit_controls.core.errors import Problem
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.plan import Wish
from streamlit_controls.core.replica import End, Replica
from streamlit_controls.core.snapshot import Document, Usage, document, outcome
from tests.support.samples import instance, replica, snapshot

ABOUT = {"version": "0.1.0", "pid": 1, "started_at": 5.5, "rss_bytes": 7, "cpu_percent": 0.1}
APPS: dict[str, Any] = {
    "apps": {
        "hello": {
            "name": "Hello",
            "description": "Says it",
            "icon": "👋",
            "tags": ["demo"],
            "services": {"api": {"asgi": "m:a", "mount": "api"}, "work": {"command": ["x"]}},
        }
    }
}

MANAGER_KEYS = {
    *("version", "pid", "started_at", "rss_bytes", "cpu_percent"),
    *("url", "website_port", "manager_port", "site", "gateway", "problems"),
}
OWN_KEYS = {
    *("state", "pid", "port", "restarts", "error"),
    *("started_at", "rss_bytes", "cpu_percent"),
}
UNIT_KEYS = {"state", "port", "restarts", "error", "log", "last_end", "instances"}
APP_KEYS = UNIT_KEYS | {
    *("name", "url", "path", "dir", "description", "icon", "tags", "generation", "services"),
}
SERVICE_KEYS = UNIT_KEYS | {"path"}
INSTANCE_KEYS = {
    *("id", "state", "pid", "port", "generation", "started_at"),
    *("sessions", "drains_until", "forked", "error", "rss_bytes", "cpu_percent"),
}


def made(*replicas: Replica, **more: Any) -> Document:
    return document(snapshot(APPS, *replicas, **more), ABOUT, lambda pid: Usage(pid * 2, 1.5))


def test_keys_are_those_that_are_documented() -> None:
    found = made(replica(), replica(number=2, unit="hello.api"), replica(number=3, unit="@site"))
    assert set(found) == {"manager", "apps"}
    assert set(found["manager"]) == MANAGER_KEYS
    assert set(found["manager"]["site"]) == set(found["manager"]["gateway"]) == OWN_KEYS
    app = found["apps"]["hello"]
    assert set(app) == APP_KEYS
    assert set(app["services"]) == {"api", "work"}
    assert all(set(service) == SERVICE_KEYS for service in app["services"].values())
    assert [set(each) for each in app["instances"]] == [INSTANCE_KEYS]


def test_times_of_day_are_made_of_those_since_boot() -> None:
    found = made(
        replace(replica(State.DRAINING), drains_until=700.0),
        ends={"hello": End("used 3.0 GB of memory", 50.5)},
        booted_at=1_795_000_000.0,
    )["apps"]["hello"]
    assert found["last_end"] == {"reason": "used 3.0 GB of memory", "at": 1_795_000_050.5}
    assert found["instances"][0]["drains_until"] == 1_795_000_700.0


def test_a_running_app() -> None:
    running = replica(
        generation=3, restarts=2, instance=instance("k3f9xx", 8777, pid=9, sessions=4)
    )
    app = made(running)["apps"]["hello"]
    assert app == {
        "state": "running",
        "name": "Hello",
        "url": "http://127.0.0.1:5000/hello/",
        "path": "/hello/",
        "dir": "/project/apps/hello",
        "port": 8501,
        "description": "Says it",
        "icon": "👋",
        "tags": ["demo"],
        "generation": 1,
        "restarts": 2,
        "error": None,
        "log": [],
        "last_end": None,
        "instances": [
            {
                "id": "k3f9xx",
                "state": "running",
                "pid": 9,
                "port": 8777,
                "generation": 3,
                "started_at": 1795234440.123,
                "drains_until": None,
                "sessions": 4,
                "forked": False,
                "error": None,
                "rss_bytes": 18,
                "cpu_percent": 1.5,
            }
        ],
        "services": app["services"],
    }
    assert app["services"]["api"]["path"] == "/app/hello/api/"
    assert app["services"]["work"]["path"] is None


def test_an_app_that_does_not_run() -> None:
    app = made()["apps"]["hello"]
    assert (app["state"], app["instances"], app["restarts"]) == ("stopped", [], 0)


def test_a_failed_app_says_why_and_shows_its_log() -> None:
    failed = replica(State.FAILED, error="SyntaxError")
    app = made(failed, logs={"hello": ("line 1", "line 2")})["apps"]["hello"]
    assert (app["state"], app["error"]) == ("failed", "SyntaxError")
    assert app["log"] == ["line 1", "line 2"]


def test_our_own_processes() -> None:
    site = replica(number=3, unit="@site", instance=instance(pid=7), restarts=1)
    own = made(site)["manager"]
    assert own["site"] == {
        "state": "running",
        "pid": 7,
        "port": 8500,
        "restarts": 1,
        "error": None,
        "started_at": 1795234440.123,
        "rss_bytes": 14,
        "cpu_percent": 1.5,
    }
    assert own["gateway"]["state"] == "stopped"
    assert own["gateway"]["pid"] is None


def test_problems_and_address() -> None:
    manager = made(problems=(Problem("apps.a.port", "is taken", "choose"),))["manager"]
    assert manager["problems"] == [{"path": "apps.a.port", "message": "is taken", "hint": "choose"}]
    assert manager["url"] == "http://127.0.0.1:5000/"
    assert (manager["website_port"], manager["manager_port"]) == (5000, 8499)


def test_measures_nothing_where_nobody_wants_it() -> None:
    (found,) = document(snapshot(APPS, replica()), ABOUT)["apps"]["hello"]["instances"]
    assert (found["rss_bytes"], found["cpu_percent"]) == (None, None)


def test_outcome_is_brief_and_about_what_was_asked() -> None:
    found = outcome(snapshot(APPS, replica()), ["hello", "gone"])
    assert set(found) == {"url", "apps"}
    assert set(found["apps"]) == {"hello"}
    hello = found["apps"]["hello"]
    assert set(hello) == {"state", "error", "log", "services"}
    assert set(hello["services"]["api"]) == {"state", "error", "log"}


def test_the_newest_speaks_first() -> None:
    taken = snapshot(APPS, replica(number=1, generation=1), replica(number=2, generation=2))
    assert [each.generation for each in taken.of("hello")] == [2, 1]


def test_errors() -> None:
    def error(*replicas: Replica) -> str | None:
        return snapshot(APPS, *replicas).error("hello")

    broken = instance(error="ZeroDivisionError")
    assert error() is None
    assert error(replica()) is None
    assert error(replica(error="its last life's end")) is None
    assert error(replica(State.BUILDING, error="exited with code 1")) == "exited with code 1"
    assert error(replica(instance=broken)) == "ZeroDivisionError"
    assert error(replica(), replica(State.FAILED, number=2, generation=2, error="no")) == "no"


def test_new_visitors_go_to_the_newest_that_runs() -> None:
    def current(*replicas: Replica) -> int | None:
        found = snapshot(APPS, *replicas).current("hello")
        return found.number if found else None

    old = replica(number=1, generation=1)
    assert current() is None
    assert current(replica(State.BUILDING)) is None
    assert current(replica(State.STARTING, number=5)) == 5
    assert current(old, replica(State.STARTING, number=2, generation=2)) == 1
    assert current(old, replica(State.FAILED, number=2, generation=2)) == 1
    assert current(old, replica(number=2, generation=2)) == 2
    assert current(replica(State.DRAINING)) is None


def test_new_visitors_go_to_the_emptiest() -> None:
    def with_sessions(number: int, sessions: int | None, generation: int = 2) -> Replica:
        made = instance(f"i{number}", sessions=sessions)
        return replica(number=number, generation=generation, instance=made)

    def current(*replicas: Replica) -> int:
        found = snapshot(APPS, *replicas).current("hello")
        assert found is not None
        return found.number

    assert current(with_sessions(1, 5), with_sessions(2, 3)) == 2
    assert current(with_sessions(1, 5), with_sessions(2, None)) == 2
    assert current(with_sessions(1, 0, generation=1), with_sessions(2, 9)) == 2


def test_equal_snapshots_are_equal() -> None:
    assert snapshot(APPS, replica()) == snapshot(APPS, replica())
    taken = snapshot(APPS, replica())
    assert taken.wishes["hello"] == Wish(1, 1)
    assert not taken.wishes["hello.work"].overlap


def test_a_visitor_goes_to_the_emptiest_that_is_there_or_can_be_woken() -> None:
    full = replica(number=1, instance=instance("full22", sessions=2))
    empty = replica(number=2, instance=instance("empty2", sessions=0))
    asleep = replica(State.SLEEPING, number=3, reserved="asleep")
    waking = replica(State.BUILDING, number=4, reserved="waking")
    starting = replica(State.STARTING, number=5)

    def chosen(*replicas: Replica) -> Replica | None:
        return snapshot(APPS, *replicas).current("hello")

    assert chosen() is None
    assert chosen(full, empty, asleep) == empty
    assert chosen(full, asleep) == asleep
    assert chosen(full, waking) == waking
    assert chosen(full, starting) == full
    assert chosen(starting) == starting
    assert chosen(replica(State.FAILED), replica(State.BUILDING)) is None

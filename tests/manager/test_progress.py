"""The lines that tell what happens just now."""

from typing import Any

from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.manager.progress import Progress
from tests.support.samples import instance, replica, snapshot

DOCUMENT: dict[str, Any] = {"apps": {"hello": {"services": {"api": {"asgi": "m:a"}}}}}
UNITS = ["hello", "hello.api", "@site", "@gateway"]


def taken(*replicas: Replica) -> Snapshot:
    return snapshot(DOCUMENT, *replicas)


def told(progress: Progress, *replicas: Replica) -> list[tuple[Any, ...]]:
    return [
        (line["app"], line["service"], line["state"], line["message"])
        for line in progress.of(taken(*replicas), UNITS)
    ]


def test_a_start_from_beginning_to_end() -> None:
    progress = Progress()
    assert told(progress) == []
    assert told(progress, replica(State.BUILDING)) == [
        ("hello", None, "building", "preparing its environment")
    ]
    starting = replica(State.STARTING, instance=instance(pid=5))
    assert told(progress, starting) == [
        ("hello", None, "starting", "started as pid 5 on port 8501")
    ]
    assert told(progress, starting) == []
    assert told(progress, replica()) == [("hello", None, "running", "ready")]
    assert told(progress, replica(State.DRAINING)) == [("hello", None, "draining", "ending")]
    assert told(progress) == [("hello", None, "stopped", "stopped")]
    assert told(progress) == []


def test_what_goes_wrong() -> None:
    progress = Progress()
    failed = replica(State.FAILED, error="no Streamlit")
    assert told(progress, failed) == [("hello", None, "failed", "no Streamlit")]
    broken = replica(instance=instance(error="KeyError"))
    expected = "answers, but its script fails: KeyError"
    assert told(progress, broken) == [("hello", None, "running", expected)]


def test_whose_line_it_is() -> None:
    lines = told(
        Progress(),
        replica(number=1, unit="hello.api"),
        replica(number=2, unit="@site"),
        replica(number=3, unit="@gateway"),
    )
    assert [line[:2] for line in lines] == [("hello", "api"), ("website", None), ("gateway", None)]


def test_what_was_so_before_is_no_news() -> None:
    progress = Progress(taken(replica()))
    assert told(progress, replica()) == []
    restarted = [replica(number=1), replica(State.BUILDING, number=2, generation=2)]
    assert [line[2] for line in told(progress, *restarted)] == ["building"]
    assert [line[2] for line in told(progress, replica(number=2, generation=2))] == ["running"]

"""Turns snapshots into the lines that tell what happens just now."""

from collections.abc import Iterator

from streamlit_controls.core import protocol
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.protocol import Message
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.core.unit import GATEWAY, SITE

OWN = {SITE: "website", GATEWAY: "gateway"}


class Progress:
    """Remembers what one listener was told, and tells it what is new since `known`."""

    def __init__(self, known: Snapshot | None = None) -> None:
        self._told: dict[str, tuple[str, str]] = {}
        if known is not None:
            for _ in self.of(known, sorted({replica.unit for replica in known.replicas})):
                pass

    def of(self, snapshot: Snapshot, units: list[str]) -> Iterator[Message]:
        """Yield a message for each unit whose newest replica is in a new state."""
        for unit in units:
            newest = next(iter(snapshot.of(unit)), None)
            state = newest.state if newest else State.STOPPED
            text = _text(newest) if newest else "stopped"
            if self._told.get(unit) == (state.value, text):
                continue
            first, self._told[unit] = unit not in self._told, (state.value, text)
            if first and newest is None:
                continue
            app, _, service = unit.partition(".")
            yield protocol.progress(OWN.get(unit, app), service or None, state.value, text)


def _text(replica: Replica) -> str:
    instance = replica.instance
    match replica.state:
        case State.BUILDING:
            return "preparing its environment"
        case State.STARTING if instance:
            return f"started as pid {instance.pid} on port {instance.port}"
        case State.RUNNING if instance and instance.error:
            return f"answers, but its script fails: {instance.error}"
        case State.RUNNING:
            return "ready"
        case State.SLEEPING:
            return "its next visitor wakes it"
        case State.DRAINING:
            return "ending"
        case State.BACKOFF | State.FAILED:
            return replica.error or "failed"
    return replica.state.value

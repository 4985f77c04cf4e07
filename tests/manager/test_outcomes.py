"""Whether commands have come to their end."""

import pytest

from streamlit_controls.core.errors import ControllerError
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.plan import Wish
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.manager.outcomes import refuse_to_sleep, will_sleep
from tests.support import samples

NOW = 200.0
OLD = samples.instance("old234", 8502, sessions=2)
DRAINING = samples.replica(State.DRAINING, number=1, port=8502, instance=OLD)


def refuse(*replicas: Replica, force: bool = False) -> None:
    snapshot: Snapshot = samples.snapshot({"apps": {"hello": {}}}, *replicas)
    refuse_to_sleep(snapshot.config.apps[0], snapshot, force=force)


def test_who_was_replaced_and_stays_for_its_sessions_keeps_nobody_from_sleep() -> None:
    current = samples.replica(State.RUNNING, number=2, generation=2)
    refuse(DRAINING, current)
    wish = Wish(1, 2, sleep_before=NOW)
    assert will_sleep(current, wish, NOW)
    assert not will_sleep(DRAINING, wish, NOW)


def test_what_serves_in_place_of_a_broken_version_does_not_sleep() -> None:
    older = samples.replica(State.RUNNING, number=1, generation=0)
    failed = samples.replica(State.FAILED, number=2)
    with pytest.raises(ControllerError, match="in place of a version that does not work"):
        refuse(older, failed, force=True)
    assert not will_sleep(older, Wish(1, 1, sleep_before=NOW), NOW)


def test_open_sessions_do() -> None:
    busy = samples.replica(State.RUNNING, instance=samples.instance(sessions=1))
    with pytest.raises(ControllerError, match="1 session is open in hello") as caught:
        refuse(busy)
    assert caught.value.hint == "--force ends them"
    refuse(busy, force=True)


@pytest.mark.parametrize("replicas", [(), (DRAINING,)])
def test_what_is_stopped_cannot_sleep(replicas: tuple[Replica, ...]) -> None:
    with pytest.raises(ControllerError, match="hello is stopped"):
        refuse(*replicas, force=True)

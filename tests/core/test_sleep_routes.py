"""Who wakes an app, and who does not."""

import re
from typing import Any

import pytest

from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.routes import current
from streamlit_controls.core.sleep_routes import asleep, probes, reattach
from tests.support.samples import replica, snapshot

HELLO: dict[str, Any] = {"apps": {"hello": {}}}


def test_an_app_that_sleeps_has_an_address_all_the_same() -> None:
    found = snapshot(HELLO, replica(State.SLEEPING, reserved="asleep"))
    assert current(found) == reattach(found) == asleep(found) == {"hello": "asleep"}


def test_an_app_that_dozes_is_not_woken_by_its_old_tabs() -> None:
    dozing = snapshot(HELLO, replica(State.SLEEPING, reserved="asleep", dozing=True))
    assert current(dozing) == asleep(dozing) == {"hello": "asleep"}
    assert reattach(dozing) == {}
    waking = snapshot(HELLO, replica(State.BUILDING, reserved="asleep", dozing=True))
    assert current(waking) == reattach(waking) == {"hello": "asleep"}
    assert asleep(waking) == {}


def test_an_app_that_runs_is_not_asleep() -> None:
    assert asleep(snapshot(HELLO, replica())) == {}
    assert asleep(snapshot(HELLO, replica(resting=True))) != {}
    assert asleep(snapshot(HELLO)) == {}


@pytest.mark.parametrize(
    ("path", "app"),
    [
        ("/app/hello/_stcore/health", "hello"),
        ("/app/hello/~abc234/_stcore/health", "hello"),
        ("/app/Media_2-x/~abc234/_stcore/metrics", "Media_2-x"),
        ("/app/hello/~abc234/_stcore/script-health-check", "hello"),
        ("/app/hello/~abc234/_stcore/host-config", None),
        ("/app/hello/api/_stcore/health", None),
        ("/app/hello/~abc234/_stcore/health/x", None),
    ],
)
def test_what_is_a_probe(path: str, app: str | None) -> None:
    route = probes()
    ends = route["match"][0]["path"]
    pattern = route["handle"][0]["routes"][0]["match"][0]["path_regexp"]["pattern"]
    found = re.match(pattern, path)
    assert (found[1] if found else None) == app
    assert any(path.endswith(each.removeprefix("*")) for each in ends) or not found

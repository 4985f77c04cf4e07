"""Which port is whose."""

from typing import Any

import pytest

from streamlit_controls.core import ports
from streamlit_controls.core.config import App, Config, Service
from streamlit_controls.core.errors import ConfigError
from tests.support.samples import ROOT, config

ASGI = {"asgi": "m:a"}


def given(document: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for app in config(document).apps:
        found[app.key] = app.port
        found |= {f"{app.key}.{each.name}": each.port for each in app.services}
    return found


def test_apps_before_services_in_their_order() -> None:
    apps = {"b": {"services": {"s": ASGI, "t": ASGI}}, "a": {}}
    assert given({"apps": apps}) == {"b": 8501, "a": 8502, "b.s": 8503, "b.t": 8504}


def test_what_has_a_port_keeps_it_and_the_rest_goes_around() -> None:
    apps = {"a": {}, "b": {"port": 8501, "services": {"s": ASGI | {"port": 8502}}}, "c": {}}
    assert given({"apps": apps}) == {"a": 8503, "b": 8501, "b.s": 8502, "c": 8504}


def test_our_own_ports_are_nobody_else_s() -> None:
    said = {"website_port": 9001, "manager_port": 9000, "site_port": 9002, "first_app_port": 9000}
    assert given(said | {"apps": {"a": {}}}) == {"a": 9003}


def test_a_new_app_leaves_the_others_where_they_are() -> None:
    before = given({"apps": {"a": {"port": 8501, "services": {"s": ASGI}}}})
    after = given({"apps": {"a": {"port": 8501, "services": {"s": ASGI}}, "b": {"port": 8503}}})
    assert before == {"a": 8501, "a.s": 8502}
    assert after == before | {"b": 8503}


def test_taken() -> None:
    parsed = config({"apps": {"a": {"services": {"s": ASGI}}}})
    assert ports.taken(parsed) == {5000, 8499, 8500, 8501, 8502}


def test_none_left() -> None:
    services = tuple(Service(name, ROOT, 0, "m:a") for name in "abc")
    full = Config(apps=(App("x", "X", "/x/", ROOT, 0, services=services),), first_app_port=65533)
    with pytest.raises(ConfigError) as caught:
        ports.assign(full)
    assert caught.value.problems[0].path == "first_app_port"


def test_conflicts_name_the_first_owner() -> None:
    apps = tuple(App(key, key, f"/{key}/", ROOT, 8600) for key in "abc")
    assert [str(each) for each in ports.conflicts(Config(apps=apps))] == [
        "apps.b.port: 8600 is the port of a (choose another port)",
        "apps.c.port: 8600 is the port of a (choose another port)",
    ]

"""Which folders are apps, and how a new one enters config.json."""

import json
from typing import Any

import pytest

from streamlit_controls.core import discovery
from streamlit_controls.core.errors import ConfigError
from tests.support.samples import config


@pytest.mark.parametrize(
    ("names", "script"),
    [
        (["b.py", "app.py", "streamlit_app.py"], "app.py"),
        (["streamlit_app.py", "a.py"], "streamlit_app.py"),
        (["main.py", "data.csv"], "main.py"),
        (["a.py", "b.py"], None),
        (["App.PY", "app.pyc"], None),
        ([], None),
    ],
)
def test_entrypoints(names: list[str], script: str | None) -> None:
    assert discovery.entrypoint(names) == script


def test_new_apps() -> None:
    folders = {
        "zoo": ["app.py"],
        "alpha": ["main.py"],
        "known": ["app.py"],
        "empty": [],
        "two": ["a.py", "b.py"],
        ".hidden": ["app.py"],
        "__pycache__": ["app.py"],
        "with space": ["app.py"],
        "gateway": ["app.py"],
        "\udce9": ["app.py"],
    }
    assert discovery.new_apps(folders, {"known"}) == ["alpha", "zoo"]


def add(document: dict[str, Any], *keys: str) -> dict[str, Any]:
    return discovery.add(document, keys, config(document))


def test_added_apps_get_the_next_free_ports() -> None:
    before = {"apps": {"a": {"port": 8502, "services": {"s": {"asgi": "m:a"}}}}}
    assert add(before, "b", "c")["apps"] == {
        **before["apps"],
        "b": {"dir": "apps/b", "port": 8503},
        "c": {"dir": "apps/c", "port": 8504},
    }


def test_what_people_wrote_stays_where_it_is() -> None:
    before: dict[str, Any] = {
        "$schema": "./schema.json",
        "apps": {"zebra": {"url": "z", "tags": ["ü"]}, "alpha": {}},
        "website_port": 5001,
    }
    after = add(before, "mid")
    assert list(after) == ["$schema", "apps", "website_port"]
    assert list(after["apps"]) == ["zebra", "alpha", "mid"]
    assert {key: after["apps"][key] for key in before["apps"]} == before["apps"]
    assert config(after)


def test_added_to_nothing() -> None:
    assert add({}) == {"apps": {}}
    assert add({}, "a") == {"apps": {"a": {"dir": "apps/a", "port": 8501}}}


def test_no_added_app_takes_another_s_url() -> None:
    before = {"apps": {"sales": {"url": "/report/"}, "x": {"url": "/admin-app/"}}}
    after = add(before, "admin", "report")
    assert after["apps"]["admin"]["url"] == "/admin-app-app/"
    assert after["apps"]["report"]["url"] == "/report-app/"
    assert len(config(after).apps) == 4


def test_no_port_left() -> None:
    with pytest.raises(ConfigError):
        add({"first_app_port": 65535, "apps": {"a": {"port": 65535}}}, "b")


@pytest.mark.parametrize(
    ("previous", "begins"),
    [
        ("", '{\n    "apps"'),
        ('{\n  "apps": {}\n}', '{\n  "apps"'),
        ('{\n\t"apps": {}\n}', '{\n\t"apps"'),
        ('{"apps": {}}', '{\n    "apps"'),
    ],
)
def test_rendered_with_the_indent_that_was_there(previous: str, begins: str) -> None:
    assert discovery.render({"apps": {"a": {}}}, previous).startswith(begins)


def test_rendered_text_is_readable_and_ends_with_a_newline() -> None:
    text = discovery.render({"apps": {"a": {"name": "Müller 🖼️"}}}, "")
    assert "Müller 🖼️" in text
    assert text.endswith("}\n")
    assert json.loads(text)["apps"]["a"]["name"] == "Müller 🖼️"

"""The keys of config.json and app.toml, and what they may hold."""

import json

import pytest
from pydantic import ValidationError

from streamlit_controls.core.settings import AppEntry, AppSettings, ConfigFile
from streamlit_controls.core.values import seconds, size


@pytest.mark.parametrize(
    ("said", "meant"),
    [(0, 0), (90, 90), ("90", 90), ("90s", 90), ("30m", 1800), ("2 h", 7200), ("1d", 86400)],
)
def test_durations(said: int | str, meant: int) -> None:
    assert seconds(said) == meant


@pytest.mark.parametrize("said", [-1, "", "m", "1.5h", "-3", "5x", "3 m s", "٣m٣"])
def test_no_durations(said: int | str) -> None:
    with pytest.raises(ValueError, match="should"):
        seconds(said)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (1, 1),
        ("512", 512),
        ("1K", 1024),
        ("512M", 512 * 1024**2),
        ("2 GiB", 2 * 1024**3),
        ("2GB", 2 * 1024**3),
        ("1T", 1024**4),
        ("9B", 9),
    ],
)
def test_sizes(said: int | str, meant: int) -> None:
    assert size(said) == meant


@pytest.mark.parametrize("said", [0, -5, "", "0", "0G", "M", "1.5G", "2g", "1P"])
def test_no_sizes(said: int | str) -> None:
    with pytest.raises(ValueError, match="should"):
        size(said)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("/sales/", "/sales/"), ("sales", "/sales/"), ("/a/b", "/a/b/"), ("//x//", "/x/")],
)
def test_urls(said: str, meant: str) -> None:
    assert AppSettings(url=said).url == meant


@pytest.mark.parametrize("said", ["", "/", "/a b/", "/admin", "/app/x/", "/../x", "/ü/"])
def test_no_urls(said: str) -> None:
    with pytest.raises(ValidationError):
        AppSettings(url=said)


@pytest.mark.parametrize(
    "entry",
    [
        {"name": ""},
        {"name": 5},
        {"dir": "a\0b"},
        {"icon": "\0"},
        {"env": {"1X": "y"}},
        {"env": {"X=": "y"}},
        {"env": {"X": "\0"}},
        {"env": {"X": 1}},
        {"replicas": 0},
        {"replicas": 65},
        {"replicas": True},
        {"access": "secret"},
        {"restart_on_crash": "yes"},
        {"tags": [""]},
        {"port": 0},
        {"port": 65536},
        {"port": 80.0},
        {"services": {"a b": {"asgi": "m:a"}}},
        {"services": {"a": {}}},
        {"services": {"a": {"asgi": "m:a", "command": ["x"]}}},
        {"services": {"a": {"command": []}}},
        {"services": {"a": {"command": "x --port 5"}}},
        {"services": {"a": {"asgi": "m:a", "health": "health"}}},
        {"services": {"a": {"asgi": "m:a", "mount": "a/b"}}},
        {"services": {"a": {"asgi": "m:a", "mount": "x"}, "b": {"asgi": "m:a", "mount": "/x/"}}},
        {"unknown": 1},
    ],
    ids=json.dumps,
)
def test_refused(entry: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AppEntry.model_validate(entry)


def test_a_manifest_has_no_place() -> None:
    assert set(AppEntry.model_fields) - set(AppSettings.model_fields) == {"dir", "port"}


def test_every_key_is_described() -> None:
    for model in ConfigFile.model_json_schema()["$defs"].values():
        assert all(said.get("description") for said in model["properties"].values())


def test_schema_has_the_keys_of_the_first_project() -> None:
    schema = ConfigFile.model_json_schema()
    app = schema["$defs"]["AppEntry"]["properties"]
    assert "website_port" in schema["properties"]
    assert {"name", "url", "dir", "venv", "port", "description", "restart_on_crash"} <= set(app)

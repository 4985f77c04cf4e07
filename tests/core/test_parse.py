"""From what people wrote to a configuration, or to every problem at once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlit_controls.core import parse
from streamlit_controls.core.errors import ConfigError, Problem
from streamlit_controls.core.names import RESERVED_KEYS, RESERVED_SEGMENTS
from streamlit_controls.core.parse import Manifest
from tests.support.samples import ROOT, config

NOT_ONE_WAY = "should have exactly one of asgi and command"
NO_SLUG = 'should be letters, digits, "-" and "_", and begin with a letter or a digit'
NO_URL = 'should be a path such as "/sales/" (letters, digits, "-", "_", ".", "~")'


def problems(text: str) -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigError) as caught:
        parse.parse(parse.read_document(text), {}, ROOT)
    return [(each.path, each.message, each.hint) for each in caught.value.problems]


ONE_PROBLEM: dict[str, tuple[str, str, str]] = {
    "": ("", "line 1, column 1: no JSON: Expecting value", ""),
    "{": (
        "",
        "line 1, column 2: no JSON: Expecting property name enclosed in double quotes",
        "",
    ),
    "[]": ("", "should be a JSON object, not []", ""),
    '"x"': ("", 'should be a JSON object, not "x"', ""),
    '{"apps": {"a": {"name": "\\ud800"}}}': ("", "\\ud800 is only half of a character", ""),
    '{"website_port": ' + "1" * 5000 + "}": ("", "a number has too many digits", ""),
    "[" * 100_000: ("", "too deeply nested", ""),
    '{"a": 1, "a": 2}': ("a", "stands there twice", ""),
    '{"apps": {"x": {}, "x": {}}}': ("x", "stands there twice", ""),
    '{"wesbite_port": 1}': (
        "wesbite_port",
        "unknown key",
        "did you mean website_port or site_port?",
    ),
    '{"zzz": 1}': ("zzz", "unknown key", ""),
    '{"website_port": "x"}': ("website_port", 'should be a whole number, not "x"', ""),
    '{"website_port": 1.5}': ("website_port", "should be a whole number, not 1.5", ""),
    '{"website_port": NaN}': ("website_port", "should be a whole number, not NaN", ""),
    '{"website_port": true}': ("website_port", "should be a whole number, not true", ""),
    '{"website_port": 0}': ("website_port", "should be greater than or equal to 1, not 0", ""),
    '{"website_port": 65536}': (
        "website_port",
        "should be less than or equal to 65535, not 65536",
        "",
    ),
    '{"host": ""}': ("host", 'should not be empty, not ""', ""),
    '{"domain": "-x"}': ("domain", 'has characters that it cannot have, not "-x"', ""),
    '{"apps": [1]}': ("apps", "should be a table of keys and values, not [1]", ""),
    '{"apps": {"a": 5}}': ("apps.a", "should be a table of keys and values, not 5", ""),
    '{"apps": {"a": null}}': ("apps.a", "should be a table of keys and values, not null", ""),
    '{"apps": {"a": {"nmae": 1}}}': ("apps.a.nmae", "unknown key", "did you mean name?"),
    '{"apps": {"a": {"tags": "x"}}}': ("apps.a.tags", 'should be a list, not "x"', ""),
    '{"apps": {"a": {"tags": [5]}}}': ("apps.a.tags.0", "should be a string, not 5", ""),
    '{"apps": {"a": {"restart_on_crash": 1}}}': (
        "apps.a.restart_on_crash",
        "should be true or false, not 1",
        "",
    ),
    '{"apps": {"a": {"access": "x"}}}': ("apps.a.access", "should be 'public', not \"x\"", ""),
    '{"apps": {"a": {"idle_timeout": "5x"}}}': (
        "apps.a.idle_timeout",
        'should be seconds or a duration such as "90s", "30m" or "2h", not "5x"',
        "",
    ),
    '{"apps": {"a": {"idle_timeout": []}}}': (
        "apps.a.idle_timeout",
        "should be a whole number, not []",
        "",
    ),
    '{"apps": {"a": {"url": "x y"}}}': ("apps.a.url", f'{NO_URL}, not "x y"', ""),
    '{"apps": {"a": {"url": "/admin/x"}}}': (
        "apps.a.url",
        '"/admin" is kept for the site itself, not "/admin/x"',
        "",
    ),
    '{"apps": {"admin": {}}}': (
        "apps.admin.url",
        '"/admin" is kept for the site itself',
        "give it a url",
    ),
    '{"apps": {"a": {"url": "/z"}, "b": {"url": "z"}}}': (
        "apps.b.url",
        'a has the url "/z/" already',
        "",
    ),
    '{"apps": {"a": {}, "b": {"url": "a"}}}': ("apps.b.url", 'a has the url "/a/" already', ""),
    '{"apps": {"s p": {}}}': ("apps.s p", NO_SLUG, ""),
    '{"apps": {"gateway": {}}}': (
        "apps.gateway",
        "the name is kept for the controller's own logs",
        "",
    ),
    '{"apps": {"a": {"port": 8499}}}': (
        "apps.a.port",
        "8499 is the manager's own port",
        "choose another port",
    ),
    '{"apps": {"a": {"port": 8500}}}': (
        "apps.a.port",
        "8500 is the site's own port",
        "choose another port",
    ),
    '{"apps": {"a": {"port": 5000}}}': (
        "apps.a.port",
        "5000 is the website's port",
        "choose another port",
    ),
    '{"apps": {"a": {"port": 9000}, "b": {"port": 9000}}}': (
        "apps.b.port",
        "9000 is the port of a",
        "choose another port",
    ),
    '{"apps": {"a": {"port": 9000, "services": {"s": {"asgi": "m:a", "port": 9000}}}}}': (
        "apps.a.services.s.port",
        "9000 is the port of a",
        "choose another port",
    ),
    '{"website_port": 8500}': (
        "site_port",
        "8500 is the website's port",
        "choose another port",
    ),
    '{"website_port": 8499}': (
        "website_port",
        "8499 is the manager's own port",
        "choose another port",
    ),
    '{"first_app_port": 65535, "apps": {"a": {}, "b": {}}}': (
        "first_app_port",
        "no port is free from 65535 on",
        "choose a lower one",
    ),
    '{"apps": {"a": {"dir": "x\\u0000y"}}}': (
        "apps.a.dir",
        'cannot hold a NUL character, not "x\\u0000y"',
        "",
    ),
    '{"apps": {"a": {"env": {"1X": "y"}}}}': (
        "apps.a.env",
        "'1X' cannot be the name of an environment variable",
        "",
    ),
    '{"apps": {"a": {"services": {"x": {}}}}}': ("apps.a.services.x", NOT_ONE_WAY, ""),
    '{"apps": {"a": {"services": {"x": {"command": ["y"], "replicas": 2}}}}}': (
        "apps.a.services.x",
        "a command opens its port by itself, so there can be one of it only",
        "",
    ),
    '{"apps": {"a": {"services": {"x": {"asgi": "y:z", "replicas": 0}}}}}': (
        "apps.a.services.x.replicas",
        "should be greater than or equal to 1, not 0",
        "",
    ),
    '{"apps": {"a": {"services": {"x": {"asgi": 5}}}}}': (
        "apps.a.services.x.asgi",
        "should be a string, not 5",
        "",
    ),
    '{"apps": {"a": {"services": {"x": {"command": []}}}}}': (
        "apps.a.services.x.command",
        "should not be empty, not []",
        "",
    ),
    '{"apps": {"a": {"services": {"x": {"asgi": "m:a", "prot": 1}}}}}': (
        "apps.a.services.x.prot",
        "unknown key",
        "did you mean port?",
    ),
    '{"apps": {"a": {"services": {"x y": {"asgi": "m:a"}}}}}': (
        "apps.a.services",
        "'x y' should be a name such as \"api-server\"",
        "",
    ),
    # Names that a validator uses for its own purposes are names of apps as well.
    '{"apps": {"str": {"port": "x"}}}': (
        "apps.str.port",
        'should be a whole number, not "x"',
        "",
    ),
    '{"apps": {"a": {"env": {"int": 4}}}}': ("apps.a.env.int", "should be a string, not 4", ""),
    '{"apps": {"services": {"nmae": 1}}}': (
        "apps.services.nmae",
        "unknown key",
        "did you mean name?",
    ),
}


@pytest.mark.parametrize(
    ("text", "problem"), ONE_PROBLEM.items(), ids=[text[:60] for text in ONE_PROBLEM]
)
def test_each_kind_of_problem(text: str, problem: tuple[str, str, str]) -> None:
    assert problems(text) == [problem]


def test_all_problems_at_once() -> None:
    text = json.dumps(
        {
            "wesbite_port": 1,
            "manager_port": 8500,
            "site_port": 8500,
            "apps": {
                "a": {"port": "8501", "url": "/same/"},
                "b": {"url": "/same/", "replicas": 0},
                "gateway": {"services": {"s": {"command": [""]}}},
            },
        }
    )
    assert [path for path, *_ in problems(text)] == [
        "apps.a.port",
        "apps.b.replicas",
        "apps.gateway.services.s.command.0",
        "wesbite_port",
        "apps.gateway",
        "apps.b.url",
        "site_port",
    ]


def test_long_values_are_shortened() -> None:
    (_, message, _), *_ = problems(json.dumps({"website_port": "x" * 500}))
    assert len(message) < 120
    assert message.endswith("...")


@pytest.mark.parametrize("key", sorted(RESERVED_KEYS))
def test_reserved_keys(key: str) -> None:
    assert [path for path, *_ in problems(json.dumps({"apps": {key: {}}}))] == [f"apps.{key}"]


@pytest.mark.parametrize("segment", sorted(RESERVED_SEGMENTS))
def test_reserved_segments(segment: str) -> None:
    text = json.dumps({"apps": {"a": {"url": segment}}})
    assert [path for path, *_ in problems(text)] == ["apps.a.url"]


def test_defaults() -> None:
    parsed = config({"apps": {"media-explorer": {}}})
    (app,) = parsed.apps
    assert (parsed.website_port, parsed.manager_port, parsed.site_port) == (5000, 8499, 8500)
    assert parsed.url == "http://127.0.0.1:5000/"
    assert (app.name, app.path, app.port) == ("Media explorer", "/media-explorer/", 8501)
    assert app.dir == ROOT / "apps/media-explorer"
    assert (app.replicas, app.restart_on_crash, app.problems) == (1, True, ())


def test_no_document_at_all() -> None:
    assert config({}).apps == ()


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ({"host": "0.0.0.0"}, "http://127.0.0.1:5000/"),
        ({"host": "::"}, "http://127.0.0.1:5000/"),
        ({"host": "::1", "website_port": 80}, "http://[::1]:80/"),
        ({"host": "192.0.2.1"}, "http://192.0.2.1:5000/"),
        ({"domain": "apps.example.com", "website_port": 443}, "https://apps.example.com/"),
        ({"domain": "localhost"}, "https://localhost:5000/"),
    ],
)
def test_address_of_the_site(said: dict[str, Any], url: str) -> None:
    assert config(said).url == url


def test_the_site_s_port_follows_the_manager_s() -> None:
    assert config({"manager_port": 9000}).site_port == 9001
    assert config({"manager_port": 65535}).site_port == 65534


def test_order_is_kept() -> None:
    keys = ["zebra", "alpha", "Mid", "beta"]
    assert [app.key for app in config({"apps": {key: {} for key in keys}}).apps] == keys


def test_config_goes_before_manifest_before_default() -> None:
    manifest = {
        "name": "From the manifest",
        "description": "Says something",
        "tags": ["a"],
        "env": {"A": "manifest", "B": "manifest"},
        "idle_timeout": "5m",
        "services": {"one": {"asgi": "m:a"}, "two": {"asgi": "m:b"}},
    }
    entry = {
        "name": "From config.json",
        "env": {"B": "config"},
        "services": {"two": {"command": ["x"]}},
    }
    (app,) = config({"apps": {"a": entry}}, {"a": manifest}).apps
    assert (app.name, app.description, app.tags) == ("From config.json", "Says something", ("a",))
    assert app.env == {"A": "manifest", "B": "config"}
    assert app.idle_timeout == 300
    assert [(each.name, each.asgi, each.command) for each in app.services] == [
        ("one", "m:a", None),
        ("two", None, ("x",)),
    ]


def test_places_of_services() -> None:
    services = {"s": {"asgi": "m:a", "dir": "server", "venv": "env", "mount": "/api/"}}
    (app,) = config({"apps": {"a": {"dir": "/elsewhere/a", "services": services}}}).apps
    (service,) = app.services
    assert service.dir == Path("/elsewhere/a/server")
    assert service.venv == Path("/elsewhere/a/server/env")
    assert service.mount == "api"


def test_places_of_apps() -> None:
    apps = {"a": {"venv": "envs/a"}, "b": {"dir": "../b", "venv": "/opt/b"}}
    first, second = config({"apps": apps}).apps
    assert (first.venv, first.dir) == (ROOT / "envs/a", ROOT / "apps/a")
    assert (second.venv, second.dir) == (Path("/opt/b"), ROOT / "../b")


def test_a_manifest_s_problems_are_its_app_s() -> None:
    manifests: dict[str, dict[str, Any]] = {
        "bad": {"nmae": "x", "port": 5, "services": {"s": {}}},
        "good": {"name": "Good"},
    }
    bad, good = config({"apps": {"bad": {}, "good": {}}}, manifests).apps
    assert bad.problems == (
        Problem("app.toml.services.s", NOT_ONE_WAY),
        Problem("app.toml.nmae", "unknown key", "did you mean name?"),
        Problem("app.toml.port", "unknown key"),
    )
    assert (good.name, good.problems) == ("Good", ())


def test_a_manifest_that_cannot_be_read() -> None:
    why = Problem("app.toml", "no TOML")
    parsed = parse.parse({"apps": {"a": {}}}, {"a": Manifest(problem=why)}, ROOT)
    assert parsed.apps[0].problems == (why,)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
keys = st.sampled_from(
    ["apps", "website_port", "host", "manager_port", "a", "int", "services", "env", "url", "dir"]
)
near_documents = st.recursive(
    json_values, lambda inner: st.dictionaries(keys, inner, max_size=5), max_leaves=12
)


def problems_of(work: Callable[[], object]) -> tuple[Problem, ...]:
    """Return why something was refused: nothing where it was not, at least one where it was."""
    try:
        work()
    except ConfigError as error:
        return error.problems or (Problem("", "refused without a reason"),) * 2
    return ()


@given(st.dictionaries(keys, near_documents, max_size=6))
def test_any_document_gives_a_configuration_or_problems(document: dict[str, Any]) -> None:
    found = problems_of(lambda: config(parse.read_document(json.dumps(document))))
    assert len({str(each) for each in found}) == len(found)


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_text_is_a_document_or_a_problem(text: str) -> None:
    found = problems_of(lambda: parse.read_document(text))
    assert len(set(found)) == len(found)

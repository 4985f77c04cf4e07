"""The control protocol as bytes and values."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlit_controls.core import protocol
from streamlit_controls.core.errors import (
    ConfigError,
    ControllerError,
    Problem,
    ProtocolError,
    RemoteError,
    Unauthorized,
    UnknownApp,
)

TOKEN = "t0ken-of-32-characters-or-so-0123"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
nearly_requests = st.fixed_dictionaries(
    {},
    optional={
        "token": st.just(TOKEN) | st.text(max_size=5) | json_values,
        "verb": st.sampled_from(["status", "stop"]) | json_values,
        "args": st.dictionaries(st.just("app"), json_values) | json_values,
        "more": json_values,
    },
)


def parse(line: bytes) -> protocol.Request | ControllerError:
    try:
        return protocol.parse_request(line, TOKEN)
    except ControllerError as error:
        return error


@given(st.binary())
def test_no_bytes_are_a_request_without_the_token(data: bytes) -> None:
    assert isinstance(parse(data), ControllerError)


@given(nearly_requests)
def test_a_request_has_the_token_and_the_right_shape(message: dict[str, Any]) -> None:
    found = parse(protocol.encode(message))
    if message.get("token") != TOKEN:
        assert isinstance(found, Unauthorized)
    elif isinstance(found, protocol.Request):
        assert isinstance(found.verb, str)
        assert set(message) <= {"token", "verb", "args"}
        assert found.args == message.get("args", {})
    else:
        assert isinstance(found, ProtocolError)


@given(st.text(), st.dictionaries(st.text(), json_values))
def test_round_trip(verb: str, args: dict[str, Any]) -> None:
    line = protocol.encode(protocol.request(TOKEN, verb, args))
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    if len(line) <= protocol.MAX_LINE:
        assert protocol.parse_request(line, TOKEN) == protocol.Request(verb, args)


@given(st.text(alphabet=st.characters(categories=None)))
def test_half_characters_stop_no_line(text: str) -> None:
    """Such are in names of files that are not UTF-8, and such names are in errors of apps."""
    assert isinstance(protocol.decode(protocol.encode({"error": text}))["error"], str)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"", ProtocolError("the line is not JSON")),
        (b"\xff\xfe\n", ProtocolError("the line is not JSON")),
        (b"GET / HTTP/1.1\r\n", ProtocolError("the line is not JSON")),
        (b"[" * 60_000, ProtocolError("the line is not JSON")),
        (b"9" * 5000, ProtocolError("the line is not JSON")),
        (b"[]\n", ProtocolError("the line should be a JSON object, not list")),
        (b"null", ProtocolError("the line should be a JSON object, not NoneType")),
        (b" " * (protocol.MAX_LINE + 1), ProtocolError("the line is longer than 65536 bytes")),
        (b'{"a": {"b": 1, "b": 2}}', ProtocolError("a key stands there twice")),
        (b"{}", Unauthorized("the token is missing or wrong")),
        (b'{"token": null}', Unauthorized("the token is missing or wrong")),
        (b'{"token": "\\ud800"}', Unauthorized("the token is missing or wrong")),
        (b'{"token": "t"}', Unauthorized("the token is missing or wrong")),
        (
            b'{"token": "T"}'.replace(b"T", TOKEN.encode()),
            ProtocolError("verb: should be a string"),
        ),
    ],
    ids=lambda each: str(each)[:40],
)
def test_refused_lines(line: bytes, error: ControllerError) -> None:
    found = parse(line)
    assert isinstance(found, ControllerError)
    assert (type(found), found.message) == (type(error), error.message)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"verb": 5}, "verb: should be a string"),
        ({"verb": "status", "args": []}, "args: should be an object"),
        ({"verb": "status", "args": None}, "args: should be an object"),
        ({"verb": "status", "zz": 1, "aa": 1}, "aa: unknown key"),
    ],
)
def test_refused_requests(more: dict[str, Any], message: str) -> None:
    found = parse(json.dumps({"token": TOKEN, **more}).encode())
    assert isinstance(found, ProtocolError)
    assert found.message == message


@pytest.mark.parametrize("app", [None, "hello", ""])
def test_app_of_a_request(app: str | None) -> None:
    assert protocol.Request("stop", {"app": app}).app() == app
    assert protocol.Request("stop", {}).app() is None


@pytest.mark.parametrize("app", [5, [], {}, True])
def test_no_app_of_a_request(app: object) -> None:
    with pytest.raises(ProtocolError, match=r"args\.app: should be a string"):
        protocol.Request("stop", {"app": app}).app()


def test_messages() -> None:
    assert protocol.progress("hello", None, "starting", "started as pid 1") == {
        "type": "progress",
        "app": "hello",
        "service": None,
        "state": "starting",
        "message": "started as pid 1",
    }
    assert protocol.snapshot({"apps": {}}) == {"type": "snapshot", "snapshot": {"apps": {}}}
    assert protocol.reply({"stopped": 3}) == {"type": "reply", "ok": True, "result": {"stopped": 3}}


def test_a_failure_comes_back_as_it_was() -> None:
    error = UnknownApp("there is no app 'helo'", "did you mean hello?")
    message = protocol.decode(protocol.encode(protocol.failure(error, {"apps": {}})))
    assert (message["type"], message["ok"]) == ("reply", False)
    remote = RemoteError(message["error"], message["result"])
    assert (remote.message, remote.hint) == (error.message, error.hint)
    assert (remote.code, remote.exit_code) == ("unknown-app", 2)
    assert remote.result == {"apps": {}}


def test_problems_come_back_as_they_were() -> None:
    problems = (Problem("apps.a.port", "5000 is taken", "choose"), Problem("", "no JSON"))
    message = protocol.failure(ConfigError(problems))
    remote = RemoteError(json.loads(json.dumps(message))["error"])
    assert remote.problems == problems
    assert remote.message == "config.json has 2 problems"


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("a.b", "is wrong", "do this"), "a.b: is wrong (do this)"),
        (Problem("a.b", "is wrong"), "a.b: is wrong"),
        (Problem("", "is wrong", "do this"), "is wrong (do this)"),
    ],
)
def test_problems_as_text(problem: Problem, text: str) -> None:
    assert str(problem) == text

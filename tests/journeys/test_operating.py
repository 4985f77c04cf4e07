"""What an operator does while everything runs: looks, reads logs, adds an app, breaks in."""

import json
import socket
import ssl
import urllib.request
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.journeys import scripts
from tests.journeys.project import SampleProject
from tests.support.waiting import until

TOP = {"manager", "apps"}
APP = {
    *("state", "name", "url", "path", "port", "dir", "description", "icon", "tags"),
    *("generation", "restarts", "error", "log", "last_end", "instances", "services"),
}
INSTANCE = {
    *("id", "state", "pid", "port", "generation", "started_at", "sessions", "drains_until"),
    *("rss_bytes", "cpu_percent", "error", "forked"),
}


def test_status_has_the_documented_shape(site: SampleProject) -> None:
    status = json.loads(site.run("status", "--json").stdout)
    assert set(status) == TOP
    app = status["apps"]["service"]
    assert set(app) == APP
    assert set(app["instances"][0]) == INSTANCE
    assert app["instances"][0]["rss_bytes"] > 10_000_000
    assert app["url"] == f"{site.url}service/"
    assert app["services"]["echo"]["path"] == "/app/service/api/"
    assert set(app["services"]["echo"]) == {
        *("state", "port", "path", "restarts", "error", "log", "last_end", "instances")
    }
    table = site.run("status").stdout
    assert "slider" in table
    assert str(app["port"]) in table


def test_logs_show_what_an_app_writes(project: SampleProject) -> None:
    project.add("talker", "import sys\nprint('on stdout')\nprint('on stderr', file=sys.stderr)\n")
    (project.root / "apps/talker/app.toml").write_text(scripts.PLAIN)
    project.run("start")
    said = project.run("logs", "talker", "-n", "50").stdout
    assert "on stdout" in said
    assert "on stderr" in said
    assert "talker: ready" in project.run("logs", "controller").stdout
    assert project.run("logs", "talkr", code=2).stderr.startswith("Error: ")


def test_new_makes_an_app_that_is_live_at_once(project: SampleProject) -> None:
    project.run("start")
    project.run("new", "fresh")
    assert project.status()["apps"]["fresh"]["state"] == "running"
    assert project.get("/app/fresh/").status == 200
    project.run("new", "fresh", code=2)


def test_doctor_finds_nothing_wrong_with_a_running_project(site: SampleProject) -> None:
    said = site.run("doctor").stdout
    assert "config.json" in said


@pytest.fixture(scope="module")
def before(site: SampleProject) -> dict[str, Any]:
    """What the apps were like before anything was said to the manager."""
    return lasting(site)


def lasting(site: SampleProject) -> dict[str, Any]:
    """Return what of each app no line may change."""
    apps = site.status()["apps"]
    return {
        key: {name: app[name] for name in ("state", "generation", "restarts")}
        | {"pids": [each["pid"] for each in app["instances"] if each["state"] == "running"]}
        for key, app in apps.items()
    }


@settings(
    max_examples=1000,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    line=st.one_of(
        st.binary(max_size=200),
        st.text(max_size=100).map(str.encode),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=20),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=10), inner),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
        st.fixed_dictionaries(
            {
                "token": st.text(max_size=50),
                "verb": st.sampled_from(["status", "stop", "shutdown", "restart"]),
                "args": st.fixed_dictionaries({"app": st.just("slider")}),
            }
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_lines_without_the_token_change_nothing(
    site: SampleProject, before: dict[str, Any], line: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", site.port + 1), timeout=20) as connection:
        connection.sendall(line.replace(b"\n", b" ") + b"\n")
        with connection.makefile("rb") as answers:
            reply = json.loads(answers.readline())
            assert answers.read() == b"", "one reply, then the end"
    assert reply["type"] == "reply"
    assert reply["ok"] is False
    assert reply["error"]["message"]


def test_after_all_those_lines_everything_is_as_before(
    site: SampleProject, before: dict[str, Any]
) -> None:
    assert {app["state"] for app in before.values()} == {"running"}
    assert lasting(site) == before


def test_with_a_domain_the_site_speaks_https_and_http_2(project: SampleProject) -> None:
    project.add("slider", scripts.SLIDER, app_toml=scripts.PLAIN)
    project.configure({}, domain="localhost")
    said = project.run("start").stdout
    address = f"https://localhost:{project.port}/"
    assert address in said
    root = project.root / ".state/gateway/caddy/pki/authorities/local/root.crt"
    until(root.exists, "the certificate authority")
    with urllib.request.urlopen(
        address, timeout=20, context=ssl.create_default_context(cafile=str(root))
    ) as answer:
        assert answer.status == 200
    trusted = ssl.create_default_context(cafile=str(root))
    trusted.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", project.port), timeout=20) as plain,
        trusted.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        assert secure.selected_alpn_protocol() == "h2"
    assert httpx.get(f"{address}app/slider/", verify=trusted).status_code == 307

"""From a snapshot to the gateway's configuration."""

import re
from typing import Any

import pytest

from streamlit_controls.core import routes
from streamlit_controls.core.asset_routes import asset_routes
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.names import instance_id
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.sleep_routes import probes
from tests.support.samples import instance, replica, snapshot

Json = dict[str, Any]
HELLO: Json = {"apps": {"hello": {}}}


def page(name: str = "new222", port: int = 8501, **more: Any) -> Replica:
    return replica(instance=instance(name, port), **more)


def made(document: Json, *replicas: Replica) -> list[Json]:
    """Return all routes but those that come first whatever the configuration says."""
    found = routes.routes(snapshot(document, *replicas))
    fixed = [*asset_routes(), probes()]
    assert found[: len(fixed)] == fixed
    return found[len(fixed) :]


def paths(found: list[Json]) -> list[list[str]]:
    return [route["match"][0]["path"] for route in found if "match" in route]


def dials(route: Json) -> list[str]:
    return [
        each["upstreams"][0]["dial"]
        for each in route["handle"]
        if each["handler"] == "reverse_proxy"
    ]


INSTANCES = {
    "match": [{"path_regexp": {"name": "at", "pattern": "^/app/[A-Za-z0-9_-]+/~([a-z2-9]{6})/"}}],
    "terminal": True,
}
UP = {"root": "current", "try_files": ["/hello"]}
TO_CURRENT = {
    "handler": "static_response",
    "status_code": 307,
    "headers": {
        "Location": ["/app/hello/~{file.current/hello}{http.request.uri}"],
        "Cache-Control": ["no-store"],
    },
}


def test_without_apps_all_goes_to_the_site() -> None:
    instances, last = made({})
    assert "match" not in last
    assert dials(last) == ["127.0.0.1:8500"]
    assert dials(instances) == ["unix/upstreams/{http.regexp.at.1}"]


def test_an_app() -> None:
    instances, gone, rest_of_a_tab, newcomers, site = made(HELLO)
    assert {key: instances[key] for key in INSTANCES} == INSTANCES
    assert gone["match"] == [
        {
            "path": ["/app/hello/~*"],
            "file": UP,
            "method": ["GET", "HEAD"],
            "header": {"Accept": ["*text/html*"]},
        }
    ]
    find = [{"find": "^/app/hello/~[^/]*/?", "replace": "/"}]
    assert gone["handle"] == [{"handler": "rewrite", "path_regexp": find}, TO_CURRENT]
    up = {**UP, "root": "reattach"}
    assert rest_of_a_tab["match"] == [{"path": ["/app/hello/~*"], "file": up}]
    assert dials(rest_of_a_tab) == ["unix/upstreams/{file.reattach/hello}"]
    assert newcomers["match"] == [{"path": ["/app/hello", "/app/hello/*"], "file": UP}]
    strip = {"handler": "rewrite", "strip_path_prefix": "/app/hello"}
    assert newcomers["handle"] == [strip, TO_CURRENT]
    assert dials(site) == ["127.0.0.1:8500"]


def test_what_starts_ends_and_is_replaced_changes_no_route() -> None:
    """A new configuration would cut off whoever connects in that moment."""
    old, new = page("old222", 8501), page("new222", 8777, number=2, generation=2)
    assert made(HELLO) == made(HELLO, old) == made(HELLO, old, new) == made(HELLO, new)


def test_a_page_that_binds_its_port_itself_comes_first() -> None:
    older = replica(instance=instance("old222", 8501, binds_itself=True))
    found = made(HELLO, older)
    assert found[0]["match"] == [{"path": ["/app/hello/~old222/*"]}]
    assert dials(found[0]) == ["127.0.0.1:8501"]
    assert found[1:] == made(HELLO)


@pytest.mark.parametrize("_", range(50))
def test_every_id_that_is_made_is_found(_: int) -> None:
    pattern = made({})[0]["match"][0]["path_regexp"]["pattern"]
    found = re.match(pattern, f"/app/Media_2-x/~{(name := instance_id())}/_stcore/health")
    assert found
    assert found[1] == name


@pytest.mark.parametrize(
    "path",
    ["/app/x/~../x", "/app/x/~abc23/", "/app/x/~abc2345/", "/app/x/abc234/", "/app/~abc234/"],
)
def test_nothing_else_is(path: str) -> None:
    assert not re.match(made({})[0]["match"][0]["path_regexp"]["pattern"], path)


def test_every_proxy_streams_and_keeps_its_websockets() -> None:
    proxies = [
        each
        for route in made(MOUNTED)
        for each in route["handle"]
        if each["handler"] == "reverse_proxy"
    ]
    assert len(proxies) == 4
    assert all(each["flush_interval"] == -1 for each in proxies)
    assert all(each["stream_close_delay"] == "24h" for each in proxies)


@pytest.mark.parametrize("state", [State.STOPPED, State.BUILDING, State.BACKOFF, State.FAILED])
def test_nobody_goes_to_an_app_that_is_not_there(state: State) -> None:
    assert routes.current(snapshot(HELLO, replica(state))) == {}


def test_a_restart_sends_new_visitors_to_the_old_one_until_the_new_one_serves() -> None:
    def current(*replicas: Replica) -> str:
        return routes.current(snapshot(HELLO, *replicas))["hello"]

    def new(state: State) -> Replica:
        return page("new222", 8777, number=2, generation=2, state=state)

    old = page("old222", 8501, number=1)
    draining = page("old222", 8501, number=1, state=State.DRAINING)
    assert current(page("new222", state=State.STARTING)) == "new222", "they wait at its socket"
    assert current(old, new(State.STARTING)) == "old222"
    assert current(old, new(State.RUNNING)) == "new222"
    assert current(draining, new(State.RUNNING)) == "new222"


MOUNTED: Json = {"apps": {"hello": {"services": {"api": {"asgi": "m:a", "mount": "api"}}}}}
UNMOUNTED: Json = {"apps": {"hello": {"services": {"api": {"asgi": "m:a"}}}}}


def test_services_come_before_pages_and_lose_their_prefix() -> None:
    _, below, itself, *rest = made(MOUNTED)
    assert below["match"] == [{"path": ["/app/hello/api/*"]}]
    assert below["handle"][0] == {"handler": "rewrite", "strip_path_prefix": "/app/hello/api"}
    assert dials(below) == ["127.0.0.1:8502"]
    assert itself["match"] == [{"path": ["/app/hello/api"]}]
    assert itself["handle"] == [
        {
            "handler": "static_response",
            "status_code": 307,
            "headers": {
                "Location": ["/app/hello/api/{http.request.uri.prefixed_query}"],
                "Cache-Control": ["no-store"],
            },
        }
    ]
    assert rest == made(HELLO)[1:]


def test_a_service_without_a_mount_is_nobody_s() -> None:
    assert made(UNMOUNTED) == made(HELLO)


def test_order_of_apps_is_that_of_the_configuration() -> None:
    found = paths(made({"apps": {"z": {}, "a": {}}})[1:])
    assert [each[0].split("/")[2] for each in found] == ["z"] * 3 + ["a"] * 3


def test_the_whole_configuration() -> None:
    found = routes.gateway(snapshot(HELLO, page()))
    assert found["admin"] == {"listen": "unix/gateway.sock", "config": {"persist": False}}
    server = found["apps"]["http"]["servers"]["site"]
    assert server["listen"] == ["fd/{env.GATEWAY_FD}"]
    assert server["automatic_https"] == {"disable": True}
    assert "tls" not in found["apps"]
    assert "tls_connection_policies" not in server


def test_what_cannot_answer_shows_the_site_s_page_and_then_the_gateway_s() -> None:
    errors = routes.gateway(snapshot(HELLO))["apps"]["http"]["servers"]["site"]["errors"]
    current, *gone, of_apps, of_the_rest = errors["routes"]
    assert current["match"] == [{"path": ["/app/hello/~{file.current/hello}/*"]}]
    assert gone == made(HELLO)[1:3]
    assert of_apps["match"] == [{"path": ["/app/*"]}]
    assert current["handle"] == of_apps["handle"]
    (subroute,) = of_apps["handle"]
    assert dials(subroute["routes"][0]) == ["127.0.0.1:8500"]
    for away in (subroute["errors"]["routes"][0]["handle"][0], of_the_rest["handle"][0]):
        assert away["status_code"] == 503
        assert away["headers"]["Retry-After"] == ["2"]
        assert "Back in a moment" in away["body"]


@pytest.mark.parametrize(
    ("domain", "internal"),
    [("apps.example.com", False), ("localhost", True), ("box.local", True), ("a.internal", True)],
)
def test_a_domain_turns_on_https(domain: str, internal: bool) -> None:
    apps = routes.gateway(snapshot({"domain": domain}))["apps"]
    assert apps["http"]["servers"]["site"]["tls_connection_policies"] == [{}]
    assert apps["tls"]["certificates"] == {"automate": [domain]}
    assert ("automation" in apps["tls"]) == internal
    assert apps["pki"]["certificate_authorities"]["local"]["install_trust"] is False

"""From a snapshot to the gateway's configuration."""

from typing import Any

import pytest

from streamlit_controls.core import routes
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.replica import Replica
from tests.support.samples import instance, replica, snapshot

Json = dict[str, Any]
HELLO: Json = {"apps": {"hello": {}}}
SITE = {"handle": [{"handler": "reverse_proxy", "upstreams": [{"dial": "127.0.0.1:8500"}]}]}


def page(name: str = "new222", port: int = 8501, **more: Any) -> Replica:
    return replica(instance=instance(name, port), **more)


def service(state: State = State.RUNNING, port: int = 8502) -> Replica:
    return replica(state, number=7, unit="hello.api", instance=instance("svc222", port))


def made(document: Json, *replicas: Replica) -> list[Json]:
    return routes.routes(snapshot(document, *replicas))


def paths(found: list[Json]) -> list[list[str]]:
    return [route["match"][0]["path"] for route in found if "match" in route]


def dials(route: Json) -> list[str]:
    return [
        each["upstreams"][0]["dial"]
        for each in route["handle"]
        if each["handler"] == "reverse_proxy"
    ]


def test_without_apps_all_goes_to_the_site() -> None:
    (last,) = made({})
    assert "match" not in last
    assert dials(last) == ["127.0.0.1:8500"]


def test_an_app_that_is_not_there_goes_to_the_site() -> None:
    for state in (State.STOPPED, State.BUILDING, State.BACKOFF, State.FAILED):
        assert len(made(HELLO, replica(state))) == 1


def test_a_running_app() -> None:
    found = made(HELLO, page())
    assert paths(found) == [
        ["/app/hello/~new222/*"],
        ["/app/hello/~*"],
        ["/app/hello/~*"],
        ["/app/hello/*", "/app/hello"],
    ]
    its_own, gone, rest_of_a_tab, entrance, site = found
    assert dials(its_own) == dials(rest_of_a_tab) == ["127.0.0.1:8501"]
    assert dials(site) == ["127.0.0.1:8500"]
    assert all(route["terminal"] for route in found[:-1])
    assert gone["match"] == [
        {
            "path": ["/app/hello/~*"],
            "method": ["GET", "HEAD"],
            "header": {"Accept": ["*text/html*"]},
        }
    ]
    assert gone["handle"][0] == {
        "handler": "rewrite",
        "path_regexp": [{"find": r"^/app/hello/~[^/]*/?", "replace": "/app/hello/~new222/"}],
    }
    assert entrance["handle"][0]["path_regexp"] == [
        {"find": "^/app/hello/?", "replace": "/app/hello/~new222/"}
    ]
    for route in (gone, entrance):
        assert route["handle"][1] == {
            "handler": "static_response",
            "status_code": 307,
            "headers": {"Location": ["{http.request.uri}"], "Cache-Control": ["no-store"]},
        }


def test_every_proxy_streams_and_keeps_its_websockets() -> None:
    proxies = [
        each
        for route in made(HELLO, page(), service())
        for each in route["handle"]
        if each["handler"] == "reverse_proxy"
    ]
    assert len(proxies) == 3
    assert all(each["flush_interval"] == -1 for each in proxies)
    assert all(each["stream_close_delay"] == "24h" for each in proxies)


def test_a_restart_sends_new_visitors_to_the_old_one_until_the_new_one_serves() -> None:
    old = page("old222", 8501, number=1)
    starting = page("new222", 8777, number=2, generation=2, state=State.STARTING)
    found = made(HELLO, old, starting)
    assert paths(found)[:2] == [["/app/hello/~new222/*"], ["/app/hello/~old222/*"]]
    assert entrance_of(found) == "/app/hello/~old222/"
    running = page("new222", 8777, number=2, generation=2)
    draining = page("old222", 8501, number=1, state=State.DRAINING)
    found = made(HELLO, draining, running)
    assert paths(found)[:2] == [["/app/hello/~new222/*"], ["/app/hello/~old222/*"]]
    assert entrance_of(found) == "/app/hello/~new222/"


def test_while_it_starts_for_the_first_time_visitors_wait_at_its_socket() -> None:
    assert entrance_of(made(HELLO, page(state=State.STARTING))) == "/app/hello/~new222/"


def entrance_of(found: list[Json]) -> str:
    (route,) = [each for each in found if each.get("match", [{}])[0].get("path", [""])[-1] == "/app/hello"]
    return str(route["handle"][0]["path_regexp"][0]["replace"])


MOUNTED: Json = {"apps": {"hello": {"services": {"api": {"asgi": "m:a", "mount": "api"}}}}}
UNMOUNTED: Json = {"apps": {"hello": {"services": {"api": {"asgi": "m:a"}}}}}


def test_services_come_before_pages_and_lose_their_prefix() -> None:
    found = made(MOUNTED, page(), service())
    assert paths(found)[:3] == [
        ["/app/hello/api/*"],
        ["/app/hello/api"],
        ["/app/hello/~new222/*"],
    ]
    assert found[0]["handle"][0] == {"handler": "rewrite", "strip_path_prefix": "/app/hello/api"}
    assert dials(found[0]) == ["127.0.0.1:8502"]
    assert found[1]["handle"] == [
        {
            "handler": "static_response",
            "status_code": 307,
            "headers": {
                "Location": ["/app/hello/api/{http.request.uri.prefixed_query}"],
                "Cache-Control": ["no-store"],
            },
        }
    ]


def test_a_service_without_a_mount_is_nobody_s() -> None:
    assert paths(made(UNMOUNTED, service())) == []


def test_order_of_apps_is_that_of_the_configuration() -> None:
    document = {"apps": {"z": {}, "a": {}}}
    found = made(document, replica(unit="a"), replica(number=2, unit="z"))
    assert [each[0].split("/")[2] for each in paths(found)] == ["z"] * 4 + ["a"] * 4


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
    of_apps, of_the_rest = errors["routes"]
    assert of_apps["match"] == [{"path": ["/app/*"]}]
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

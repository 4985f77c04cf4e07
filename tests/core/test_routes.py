"""From a snapshot to the gateway's configuration."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from streamlit_controls.core import drain_routes, guard_routes, routes
from streamlit_controls.core.asset_routes import instance_assets, shared_assets
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.names import instance_id
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.sleep_routes import probes
from tests.support.samples import config, instance, replica, snapshot

Json = dict[str, Any]
HELLO: Json = {"apps": {"hello": {}}}


def page(name: str = "new222", port: int = 8501, **more: Any) -> Replica:
    return replica(instance=instance(name, port), **more)


def made(document: Json, *replicas: Replica) -> list[Json]:
    """Return all routes but those that come first, whatever apps there are."""
    found = routes.routes(snapshot(document, *replicas))
    parsed = config(document)
    fixed = [
        *guard_routes.names(parsed),
        shared_assets(),
        drain_routes.pages(),
        instance_assets(),
        *guard_routes.disguises(parsed),
        guard_routes.upgrades(),
    ]
    assert found[: len(fixed)] == fixed
    of_the_site, probed, *rest = found[len(fixed) :]
    assert of_the_site == {
        "match": [NOT_OF_AN_APP],
        "handle": found[-1]["handle"],
        "terminal": True,
    }
    assert probed == probes()
    return rest


def dials(route: Json) -> list[str]:
    return [
        each["upstreams"][0]["dial"]
        for each in route["handle"]
        if each["handler"] == "reverse_proxy"
    ]


def within(route: Json) -> list[Json]:
    """Return the routes within a route."""
    (handler,) = route["handle"]
    assert handler["handler"] == "subroute"
    found: list[Json] = handler["routes"]
    return found


def proxies(found: object) -> Iterator[Json]:
    """Return everything that passes requests on, however deep."""
    if isinstance(found, dict):
        if found.get("handler") == "reverse_proxy":
            yield found
        for each in found.values():
            yield from proxies(each)
    elif isinstance(found, list):
        for each in found:
            yield from proxies(each)


NOT_OF_AN_APP = {"not": [{"path": ["/app/*"]}]}
INSTANCES = {
    "match": [{"path_regexp": {"name": "at", "pattern": "^/app/[A-Za-z0-9_-]+/~([a-z2-9]{6})/"}}],
    "terminal": True,
}
KEY = "{http.regexp.app.1}"
TO_CURRENT = {
    "handler": "static_response",
    "status_code": 307,
    "headers": {
        "Location": [f"/app/{KEY}/~{{http.regexp.told.1}}{{http.request.uri}}"],
        "Cache-Control": ["no-store"],
    },
}


def of_apps(document: Json) -> list[Json]:
    """Return the routes of services, of what is gone, and of newcomers."""
    instances, apps, site = made(document)
    assert {key: instances[key] for key in INSTANCES} == INSTANCES
    assert dials(instances) == ["unix/upstreams/{http.regexp.at.1}"]
    assert dials(site) == ["127.0.0.1:8500"]
    assert pattern(apps) == "^/app/([A-Za-z0-9][A-Za-z0-9_-]*)(?:/|$)"
    return within(apps)


def pattern(route: Json) -> str:
    """Return what a route's path must be like."""
    ((path,),) = (each.values() for each in route["match"])
    assert path["name"] == "app"
    return str(path["pattern"])


def told(route: Json, place: str) -> tuple[list[Json], Json]:
    """Return what is done with what stands at a place, and what must be so besides."""
    (match,) = route["match"]
    assert match["file"] == {
        "root": place.split("/")[0],
        "try_files": [f"/{place.split('/', 1)[1]}/*"],
    }
    (inner,) = within(route)
    ((found,),) = (each["vars_regexp"].values() for each in inner["match"])
    assert found == {"name": "told", "pattern": "([^/]+)$"}
    assert inner["terminal"] is True
    return inner["handle"], {key: match[key] for key in match if key != "file"}


def test_all_apps_have_the_same_routes() -> None:
    _, gone, newcomers = of_apps(HELLO)
    assert pattern(gone).endswith("/~")
    page, rest_of_a_tab = within(gone)
    find = [{"find": "^/app/[^/]+/~[^/]*/?", "replace": "/"}]
    strip, to_current = {"handler": "rewrite", "path_regexp": find}, TO_CURRENT
    reads = {"method": ["GET", "HEAD"], "header": {"Accept": ["*text/html*"]}}
    assert told(page, f"current/{KEY}") == ([strip, to_current], reads)
    (proxied,), besides = told(rest_of_a_tab, f"reattach/{KEY}")
    assert proxied["upstreams"] == [{"dial": "unix/upstreams/{http.regexp.told.1}"}]
    assert besides == {}
    strip = {"handler": "rewrite", "strip_path_prefix": f"/app/{KEY}"}
    assert told(newcomers, f"current/{KEY}") == ([strip, to_current], {})


def test_what_comes_starts_changes_and_goes_changes_no_route() -> None:
    """A new configuration would cut off whoever connects in that moment."""
    old, new = page("old222", 8501), page("new222", 8777, number=2, generation=2)
    assert made(HELLO) == made(HELLO, old) == made(HELLO, old, new) == made(HELLO, new)
    assert made(HELLO) == made({}) == made(MOUNTED) == made({"apps": {"z": {}, "a": {}}})


def test_a_page_that_binds_its_port_itself_comes_first() -> None:
    older = replica(instance=instance("old222", 8501, binds_itself=True))
    found = made(HELLO, older)
    assert found[0]["match"] == [{"path": ["/app/hello/~old222/*"]}]
    assert found[0]["terminal"] is True
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


def test_every_proxy_keeps_its_websockets_and_repeats_what_can_be() -> None:
    found = list(proxies(routes.gateway(snapshot(MOUNTED))))
    assert len({each["upstreams"][0]["dial"] for each in found}) == 4
    for each in found:
        assert each["stream_close_delay"] == "24h"
        # Nothing is waited for: what is gone is answered for at once.
        assert each["load_balancing"] == {"retries": 1}


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
    services = of_apps(MOUNTED)[0]
    one = "^/app/([A-Za-z0-9][A-Za-z0-9_-]*)/([A-Za-z0-9][A-Za-z0-9_-]*)"
    assert pattern(services) == f"{one}(?:/|$)"
    (listed,) = within(services)
    root = f"{KEY}/{{http.regexp.app.2}}"
    (handler,), besides = told(listed, f"services/{root}")
    assert besides == {}
    itself, below = handler["routes"]
    assert pattern(itself) == f"{one}$"
    assert itself["terminal"] is True
    assert itself["handle"] == [
        {
            "handler": "static_response",
            "status_code": 307,
            "headers": {
                "Location": [f"/app/{root}/{{http.request.uri.prefixed_query}}"],
                "Cache-Control": ["no-store"],
            },
        }
    ]
    assert below["handle"][0] == {"handler": "rewrite", "strip_path_prefix": f"/app/{root}"}
    assert dials(below) == ["127.0.0.1:{http.regexp.told.1}"]


def test_services_are_found_by_app_and_mount() -> None:
    assert routes.services(snapshot(MOUNTED)) == {"hello/api": "8502"}


def test_a_service_without_a_mount_is_nobody_s() -> None:
    assert routes.services(snapshot(UNMOUNTED)) == {}


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
    disguises, of_an_app, of_apps, of_the_rest = errors["routes"]
    assert [disguises] == guard_routes.disguises(config(HELLO))
    assert pattern(of_an_app).endswith("/~")
    by_id, gone = within(of_an_app)
    assert pattern(by_id).endswith("/~([a-z2-9]+)/")
    (current,) = within(by_id)
    one = {"root": "current", "try_files": [f"/{KEY}/{{http.regexp.app.2}}"]}
    assert (current["match"], current["terminal"]) == ([{"file": one}], True)
    page, rest_of_a_tab = within(gone)
    assert page == within(within(made(HELLO)[1])[1])[0]
    unheard = {"vars_regexp": {"{http.error.message}": {"pattern": "^dial "}}}
    assert told(rest_of_a_tab, f"reattach/{KEY}")[1] == unheard
    assert of_apps["match"] == [{"path": ["/app/*"]}]
    assert current["handle"] == of_apps["handle"]
    (ask,) = within(of_apps)
    assert dials(ask) == ["127.0.0.1:8500"]
    assert ask["handle"][0]["rewrite"] == {"method": "GET"}
    (failed,) = of_an_app["handle"][0]["errors"]["routes"]
    assert failed["handle"] == current["handle"]
    (subroute,) = of_apps["handle"]
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

"""From a snapshot to the gateway's configuration, in Caddy's JSON.

https://caddyserver.com/docs/json/apps/http/ says what each key means.
"""

from typing import Any

from streamlit_controls.core import drain_routes, guard_routes
from streamlit_controls.core.app_routes import ending, of_apps, route
from streamlit_controls.core.asset_routes import INSTANCE, instance_assets, shared_assets
from streamlit_controls.core.error_routes import errors
from streamlit_controls.core.launch import GATEWAY_FD
from streamlit_controls.core.proxying import proxy, tcp
from streamlit_controls.core.sleep_routes import probes
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.core.unit import unit_name

Json = dict[str, Any]

_COMPRESS = {
    "handler": "encode",
    "encodings": {"zstd": {}, "gzip": {}},
    "prefer": ["zstd", "gzip"],
}


def gateway(snapshot: Snapshot) -> Json:
    """Return the whole configuration of the gateway."""
    server: Json = {
        "listen": [f"fd/{{env.{GATEWAY_FD}}}"],
        "protocols": ["h1", "h2"],
        "automatic_https": {"disable": True},
        "routes": routes(snapshot),
        "errors": {"routes": errors(snapshot.config)},
        **guard_routes.server(snapshot.config),
    }
    apps: Json = {"http": {"servers": {"site": server}}}
    domain = snapshot.config.domain
    if domain:
        server["tls_connection_policies"] = [{}]
        apps["tls"] = _certificates(domain)
        apps["pki"] = {"certificate_authorities": {"local": {"install_trust": False}}}
    return {
        "admin": {"listen": "unix/gateway.sock", "config": {"persist": False}},
        "logging": {"logs": {"default": {"level": "WARN"}}},
        "apps": apps,
    }


def routes(snapshot: Snapshot) -> list[Json]:
    """Return the routes of the public port, in the order in which they are tried.

    An app that comes, goes, starts, crashes or is replaced changes none of them: a new
    configuration would cut off whoever connects in that moment. What changes lies in folders,
    beside which the gateway runs. `upstreams/<instance>` is the socket of an instance, and
    `pages/<instance>` a link to the files of its front-end. The one file in `current/<key>/` is
    named like the instance that new visitors of an app go to, and the one in
    `services/<key>/<mount>/` like the port of a service.
    """
    config = snapshot.config
    site = {"handle": [_COMPRESS, proxy(tcp(config.site_port))]}
    return [
        *guard_routes.names(config),
        shared_assets(),
        drain_routes.pages(),
        instance_assets(),
        *guard_routes.disguises(config),
        guard_routes.upgrades(),
        # Else each of the site's own pages would be held against all that follows.
        ending({"match": [{"not": [{"path": ["/app/*"]}]}], **site}),
        probes(),
        *_on_ports(snapshot),
        _instances(),
        of_apps(),
        site,
    ]


def current(snapshot: Snapshot) -> dict[str, str]:
    """Return the ids of the instances that new visitors go to, by app."""
    found = {}
    for app in snapshot.config.apps:
        replica = snapshot.current(unit_name(app.key))
        if replica is not None and replica.address is not None:
            found[app.key] = replica.address
    return found


def services(snapshot: Snapshot) -> dict[str, str]:
    """Return the ports of services that browsers reach, by app and mount."""
    return {
        f"{app.key}/{service.mount}": f"{service.port}"
        for app in snapshot.config.apps
        for service in app.services
        if service.mount is not None
    }


def own_ports(snapshot: Snapshot) -> tuple[tuple[str, str, int], ...]:
    """Return app, id and port of the instances that bind their port themselves."""
    return tuple(
        (replica.unit, instance.id, instance.port)
        for replica in snapshot.replicas
        if (instance := replica.instance) and instance.binds_itself
    )


def _on_ports(snapshot: Snapshot) -> list[Json]:
    return [
        ending(route([f"/app/{app}/~{instance}/*"], [proxy(tcp(port))]))
        for app, instance, port in own_ports(snapshot)
    ]


def _instances() -> Json:
    """Return the route to every instance, by the id in the address."""
    by_id = {"path_regexp": {"name": "at", "pattern": INSTANCE}}
    return ending({"match": [by_id], "handle": [proxy("unix/upstreams/{http.regexp.at.1}")]})


def _certificates(domain: str) -> Json:
    """Return the certificates of a domain: from a public authority, or our own where none can."""
    found: Json = {"certificates": {"automate": [domain]}}
    if domain == "localhost" or domain.endswith((".localhost", ".local", ".internal")):
        policy = {"subjects": [domain], "issuers": [{"module": "internal"}]}
        found["automation"] = {"policies": [policy]}
    return found

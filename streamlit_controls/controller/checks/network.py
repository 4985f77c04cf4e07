"""Are the ports free or ours, and does the gateway answer."""

import contextlib
import errno
import http.client
import socket
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from streamlit_controls.configuration import configured
from streamlit_controls.controller.checks.check import Check, fail, ok, warn
from streamlit_controls.controller.checks.running import Running, Status
from streamlit_controls.core.config import Config
from streamlit_controls.core.errors import ConfigError

ANSWER_SECONDS = 5.0


def ports(running: Running) -> Iterator[Check]:
    try:
        config = configured(running.project)
    except ConfigError:
        yield from _ports_in_force(running)
        return
    ours = _ports(running.status) if running.status else set()
    found = []
    for port, owner in _wanted(config):
        if port not in ours:
            host = config.host if owner == "the site" else "127.0.0.1"
            found += _port(host, port, owner, running)
    yield from found
    if not found:
        yield ok("ports", "all in use by ourselves or free")


def gateway(running: Running) -> Iterator[Check]:
    if running.status is None:
        return
    url = running.status["manager"]["url"]  # that in force, whatever config.json says by now
    address = urlsplit(url)
    if address.scheme == "https":
        return  # needs the name and its certificate: a browser tells
    connection = http.client.HTTPConnection(
        address.hostname or "127.0.0.1", address.port, timeout=ANSWER_SECONDS
    )
    try:
        connection.request("GET", "/")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        yield fail("gateway", f"{url} does not answer: {error}", "see logs/gateway.log")
        return
    finally:
        connection.close()
    if status >= 500:
        yield fail("gateway", f"{url} answers with {status}", "see logs/website.log")
    else:
        yield ok("gateway", f"{url} answers")


def _ports_in_force(running: Running) -> Iterator[Check]:
    """Say what there is to say where config.json cannot be read: what is wrong with it is said."""
    if running.status:
        yield ok("ports", "those in force are in use by ourselves")
    else:
        yield warn("ports", "are not looked at: config.json does not tell them", "mend it first")


def _ports(status: Status) -> set[int]:
    """Return the ports that a manager has."""
    manager = status["manager"]
    found = {manager["website_port"], manager["manager_port"], manager["site"]["port"]}
    for app in status["apps"].values():
        for unit in (app, *app["services"].values()):
            found |= {unit["port"], *(each["port"] for each in unit["instances"])}
    return found


def _wanted(config: Config) -> Iterator[tuple[int, str]]:
    yield config.website_port, "the site"
    yield config.manager_port, "the manager"
    yield config.site_port, "the site's own server"
    for app in config.apps:
        yield app.port, app.key
        for service in app.services:
            yield service.port, f"{app.key}/{service.name}"


def _port(host: str, port: int, owner: str, running: Running) -> list[Check]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return [_refused(error, host, port, owner)]
            return _taken(port, owner, running)
    return []


def _refused(error: OSError, host: str, port: int, owner: str) -> Check:
    name = f"port {port}"
    if error.errno == errno.EACCES:
        return fail(
            name,
            f"for {owner}, is not for ordinary accounts",
            "choose one from 1024 on, or: sysctl net.ipv4.ip_unprivileged_port_start=80",
        )
    return fail(name, f"for {owner}, on {host}: {error.strerror}", "correct host in config.json")


def _taken(port: int, owner: str, running: Running) -> list[Check]:
    """Say who has a port; nothing where that is one of our own processes."""
    holders = _holders(port)
    if running.family.pids.intersection(holders):
        return []
    if not holders:
        return [
            warn(
                f"port {port}",
                f"for {owner}, has connections that have not quite ended; nobody listens on it",
                "they go by themselves, within a minute or so",
            )
        ]
    return [
        fail(
            f"port {port}",
            f"for {owner}, is taken by {_name(holders)}",
            f"end that, or choose another port for {owner} in config.json",
        )
    ]


def _holders(port: int) -> list[int | None]:
    """Return the pids of those that listen on a port; None stands for another account's."""
    import psutil

    return [
        each.pid
        for each in psutil.net_connections("tcp")
        if each.laddr and each.laddr.port == port and each.status == psutil.CONN_LISTEN
    ]


def _name(holders: Sequence[int | None]) -> str:
    import psutil

    for pid in filter(None, holders):
        with contextlib.suppress(psutil.Error):
            return f"{psutil.Process(pid).name()}, pid {pid}"
    return "another account's program"

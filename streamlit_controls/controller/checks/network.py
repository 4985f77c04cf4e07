"""Are the ports free or ours, and do those answer that should."""

import errno
import http.client
import socket
import time
from collections.abc import Iterator

from streamlit_controls.client import Client
from streamlit_controls.configuration import configured
from streamlit_controls.controller.checks.check import Check, fail, ok, warn
from streamlit_controls.core.config import Config
from streamlit_controls.core.errors import ConfigError, ManagerNotRunning
from streamlit_controls.project import Project

ANSWER_SECONDS = 5.0


def manager(project: Project) -> Iterator[Check]:
    began = time.perf_counter()
    try:
        Client.for_project(project).request("status")
    except ManagerNotRunning as error:
        yield warn("manager", error.message, error.hint)
        return
    yield ok("manager", f"answers in {(time.perf_counter() - began) * 1000:.0f} ms")


def ports(project: Project) -> Iterator[Check]:
    config = _config(project)
    ours = _ours(project)
    taken = 0
    for port, owner in _wanted(config):
        if port not in ours:
            check = _port(config.host if owner == "the site" else "127.0.0.1", port, owner)
            taken += check is not None
            if check:
                yield check
    if not taken:
        yield ok("ports", "all in use by ourselves or free")


def gateway(project: Project) -> Iterator[Check]:
    if not _ours(project):
        return
    config = _config(project)
    if config.domain:
        return  # needs the name and its certificate: a browser tells
    host = "127.0.0.1" if config.host in {"0.0.0.0", "::"} else config.host  # noqa: S104
    connection = http.client.HTTPConnection(host, config.website_port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        yield fail("gateway", f"{config.url} does not answer: {error}", "see logs/gateway.log")
        return
    finally:
        connection.close()
    if status >= 500:
        yield fail("gateway", f"{config.url} answers with {status}", "see logs/website.log")
    else:
        yield ok("gateway", f"{config.url} answers")


def _config(project: Project) -> Config:
    try:
        return configured(project)
    except ConfigError:
        return Config()  # the defaults; what is wrong with the file is said elsewhere


def _ours(project: Project) -> set[int]:
    """Return the ports of the manager that runs, none where none does."""
    try:
        status = Client.for_project(project).request("status")
    except ManagerNotRunning:
        return set()
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


def _port(host: str, port: int, owner: str) -> Check | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return _refused(error, host, port, owner)
    return None


def _refused(error: OSError, host: str, port: int, owner: str) -> Check:
    name = f"port {port}"
    if error.errno == errno.EADDRINUSE:
        return fail(
            name,
            f"for {owner}, is taken by {_holder(port)}",
            f"end that, or choose another port for {owner} in config.json",
        )
    if error.errno == errno.EACCES:
        return fail(
            name,
            f"for {owner}, is not for ordinary accounts",
            "choose one from 1024 on, or: sysctl net.ipv4.ip_unprivileged_port_start=80",
        )
    return fail(name, f"for {owner}, on {host}: {error.strerror}", "correct host in config.json")


def _holder(port: int) -> str:
    import psutil

    try:
        pids = [
            each.pid
            for each in psutil.net_connections("tcp")
            if each.laddr and each.laddr.port == port and each.status == psutil.CONN_LISTEN
        ]
        pid = next(pid for pid in pids if pid)
        return f"{psutil.Process(pid).name()}, pid {pid}"
    except (psutil.Error, StopIteration):
        return "another account's program"

"""`start`: bring everything up, or one app."""

import time
from collections.abc import Mapping
from typing import Any, NoReturn

import click

from streamlit_controls.client import Client
from streamlit_controls.controller import keeper_start, options, output
from streamlit_controls.controller.ending import END_SECONDS, Ending
from streamlit_controls.controller.inventory import app_keys, unknown
from streamlit_controls.controller.keeper_start import LaunchFailed, become_keeper, start_keeper
from streamlit_controls.controller.outcome import finish, how_many
from streamlit_controls.controller.progress import app_address, carry_out
from streamlit_controls.controller.session import pass_project
from streamlit_controls.core.errors import (
    AlreadyRunning,
    ControllerError,
    Leaving,
    ManagerNotRunning,
    ProtocolError,
)
from streamlit_controls.project import Project

TRIES = 3
"""How often a start begins anew because a stop came before it."""

LISTENING = 1.0
"""Seconds for which a manager of another call is waited for, before its keeper is tried again."""


@click.command("start")
@options.app_argument(required=False)
@click.option("--foreground", is_flag=True, help="Stay, for systemd or a container; SIGTERM ends.")
@options.as_json
@pass_project
def command(project: Project, app: str | None, foreground: bool, as_json: bool) -> None:
    """Start the site and all apps, or one APP that was stopped."""
    if foreground:
        stay(project, app)
    for _ in range(TRIES):
        client, url = reached(project, app)
        everything_runs = bool(url) and app is None
        if everything_runs:
            *_, reply = client.call("start")
        else:
            reply = carried_out(client, app, as_json=as_json)
        if not refused_by_a_stop(reply):
            break
    if everything_runs:
        say_running(reply, url, as_json=as_json)
    elif app is None:
        finish(reply, as_json=as_json, say=how_many)
    else:
        finish(reply, as_json=as_json, say=lambda _: app_address(client, app))


def stay(project: Project, app: str | None) -> NoReturn:
    """Become what runs everything, instead of starting it in the background."""
    if app is not None:
        raise click.UsageError("--foreground starts everything: leave out APP")
    try:
        running(project)
    except (ManagerNotRunning, ProtocolError):
        become_keeper(project)
    raise AlreadyRunning("it is running already", "./streamlit_controller stop ends it")


def reached(project: Project, app: str | None) -> tuple[Client, str]:
    """Return a client for the manager, started if need be, and the site's address if it ran."""
    try:
        return running(project)
    except (ManagerNotRunning, ProtocolError):
        if app is not None and app not in app_keys(project):
            raise unknown(app, app_keys(project)) from None
        return started(project)


def running(project: Project) -> tuple[Client, str]:
    """Return a client for the manager that runs, and the site's address.

    One that is about to end is waited for, and counts as none.
    """
    client = Client.for_project(project)
    manager = client.request("status")["manager"]
    if manager.get("leaving"):
        with Ending(manager["pid"]) as ending:
            ending.wait(END_SECONDS)
        raise ManagerNotRunning("it has just ended")
    return client, manager["url"]


def started(project: Project) -> tuple[Client, str]:
    """Start the manager; the address is empty unless another call was faster."""
    deadline = time.monotonic() + keeper_start.READY_SECONDS
    while True:
        try:
            return start_keeper(project), ""
        except AlreadyRunning:
            # Of another call: its manager is about to answer, or it is about to end.
            if found := answers_soon(project):
                return found
            if time.monotonic() > deadline:
                log = project.controller_log
                raise ControllerError(keeper_start.ELSEWHERE, f"see {log}") from None
        except LaunchFailed as error:
            output.show_log(error.log)
            raise
        except KeyboardInterrupt:
            output.show_hint(
                "the manager may come up all the same; ./streamlit_controller stop ends it"
            )
            raise


def answers_soon(project: Project) -> tuple[Client, str] | None:
    """Return a client for a manager that another call starts, and the site's address."""
    deadline = time.monotonic() + LISTENING
    while time.monotonic() < deadline:
        try:
            return running(project)
        except (ManagerNotRunning, ProtocolError):
            time.sleep(0.1)
    return None


def carried_out(client: Client, app: str | None, *, as_json: bool) -> dict[str, Any]:
    """Have the manager start everything, or one app, and return its reply."""
    try:
        return carry_out(client, "start", app, as_json=as_json)
    except KeyboardInterrupt:
        output.show_hint("the start goes on in the background: see ./streamlit_controller status")
        raise


def refused_by_a_stop(reply: Mapping[str, Any]) -> bool:
    """Tell whether everything was being stopped already when the start came.

    A stop that came later has a result in its reply, and has won.
    """
    return not reply["ok"] and reply["error"]["code"] == Leaving.code and not reply["result"]


def say_running(reply: Mapping[str, Any], url: str, *, as_json: bool) -> None:
    """Say that all runs already, or what does not."""
    if reply["ok"] and as_json:
        output.show_json({"ok": True, "result": {"url": url, "already_running": True}})
        return
    if not as_json:
        output.echo(f"Streamlit Controller is already running at {click.style(url, bold=True)}")
    if not reply["ok"]:
        finish(reply, as_json=as_json, say=how_many)

"""`start`: bring everything up, or one app."""

import click

from streamlit_controls.client import Client
from streamlit_controls.controller import options, output
from streamlit_controls.controller.ending import END_SECONDS, Ending
from streamlit_controls.controller.inventory import app_keys, unknown
from streamlit_controls.controller.keeper_start import LaunchFailed, start_keeper, wait_for_manager
from streamlit_controls.controller.outcome import finish, how_many
from streamlit_controls.controller.progress import app_address, carry_out
from streamlit_controls.controller.session import pass_project
from streamlit_controls.core.errors import AlreadyRunning, ManagerNotRunning, ProtocolError
from streamlit_controls.project import Project


@click.command("start")
@options.app_argument(required=False)
@options.as_json
@pass_project
def command(project: Project, app: str | None, as_json: bool) -> None:
    """Start the site and all apps, or one APP that was stopped."""
    try:
        client, url = running(project)
    except (ManagerNotRunning, ProtocolError):
        if app is not None and app not in app_keys(project):
            raise unknown(app, app_keys(project)) from None
        client, url = started(project)
    if url and app is None:
        say_running(client, url, as_json=as_json)
        return
    try:
        reply = carry_out(client, "start", app, as_json=as_json)
    except KeyboardInterrupt:
        output.show_hint("the start goes on in the background: see ./streamlit_controller status")
        raise
    if app is None:
        finish(reply, as_json=as_json, say=how_many)
    else:
        finish(reply, as_json=as_json, say=lambda _: app_address(client, app))


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
    try:
        return start_keeper(project), ""
    except AlreadyRunning:
        wait_for_manager(project)
        return running(project)
    except LaunchFailed as error:
        output.show_log(error.log)
        raise
    except KeyboardInterrupt:
        output.show_hint(
            "the manager may come up all the same; ./streamlit_controller stop ends it"
        )
        raise


def say_running(client: Client, url: str, *, as_json: bool) -> None:
    """Say that all runs already, or what does not."""
    *_, reply = client.call("start")
    if reply["ok"] and as_json:
        output.show_json({"ok": True, "result": {"url": url, "already_running": True}})
        return
    if not as_json:
        output.echo(f"Streamlit Controller is already running at {click.style(url, bold=True)}")
    if not reply["ok"]:
        finish(reply, as_json=as_json, say=how_many)

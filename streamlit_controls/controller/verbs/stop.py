"""`stop`: end everything, or one app."""

import click

from streamlit_controls.client import Client
from streamlit_controls.controller import options
from streamlit_controls.controller.ending import END_SECONDS, Ending
from streamlit_controls.controller.outcome import finish
from streamlit_controls.controller.progress import carry_out
from streamlit_controls.controller.session import pass_project
from streamlit_controls.core.errors import ControllerError
from streamlit_controls.project import Project


@click.command("stop")
@options.app_argument(required=False)
@options.as_json
@pass_project
def command(project: Project, app: str | None, as_json: bool) -> None:
    """Stop everything, or one APP; wait until it is done."""
    client = Client.for_project(project)
    if app is None:
        shut_down(project, client, as_json=as_json)
    else:
        reply = carry_out(client, "stop", app, as_json=as_json)
        finish(reply, as_json=as_json, say=lambda _: f"{app} is stopped")


def shut_down(project: Project, client: Client, *, as_json: bool) -> None:
    """Have the manager end, and see that it has."""
    pid = client.request("status")["manager"]["pid"]
    with Ending(pid) as ending:
        reply = carry_out(client, "shutdown", as_json=as_json)
        if reply["ok"] and not ending.wait(END_SECONDS):
            raise ControllerError(
                f"the manager, pid {pid}, stopped all apps but does not end itself",
                f"see {project.controller_log}",
            )
    finish(reply, as_json=as_json, say=lambda result: f"Stopped: {_processes(result['stopped'])}")


def _processes(number: int) -> str:
    return "1 process" if number == 1 else f"{number} processes"

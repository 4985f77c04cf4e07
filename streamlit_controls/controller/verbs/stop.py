"""`stop`: end everything, or one app."""

import click

from streamlit_controls.client import Client
from streamlit_controls.controller import options, output
from streamlit_controls.controller.ending import END_SECONDS, Ending
from streamlit_controls.controller.family import family
from streamlit_controls.controller.outcome import finish
from streamlit_controls.controller.progress import carry_out
from streamlit_controls.controller.session import pass_project
from streamlit_controls.controller.verbs.start import started
from streamlit_controls.core.errors import ControllerError, ManagerNotRunning
from streamlit_controls.project import Project


@click.command("stop")
@options.app_argument(required=False)
@options.as_json
@pass_project
def command(project: Project, app: str | None, as_json: bool) -> None:
    """Stop everything, or one APP; wait until it is done."""
    if app is None:
        shut_down(project, reached(project, as_json=as_json), as_json=as_json)
    else:
        client = Client.for_project(project)
        reply = carry_out(client, "stop", app, as_json=as_json)
        finish(reply, as_json=as_json, say=lambda _: f"{app} is stopped")


def reached(project: Project, *, as_json: bool) -> Client:
    """Return a client for the manager; where what runs has none, for one that takes it over."""
    try:
        client = Client.for_project(project)
        client.request("status")
    except ManagerNotRunning:
        if not family(project).is_abandoned:
            raise
        output.echo("What runs has no manager: one is started, to end it in order", err=as_json)
        return started(project)[0]
    return client


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
    refuse_to_leave(project)
    finish(
        reply, as_json=as_json, say=lambda result: f"Stopped: {output.processes(result['stopped'])}"
    )


def refuse_to_leave(project: Project) -> None:
    """Raise where processes of the project have not ended that no manager knew of."""
    left = family(project)
    if left.is_abandoned:
        pids = " ".join(map(str, sorted(left.children)))
        raise ControllerError(
            f"{output.processes(len(left.children))} of this project did not end, as nothing was "
            "written down about them",
            f"end them: kill {pids}",
        )

"""`new`: write the first version of an app."""

import click

from streamlit_controls.client import Client
from streamlit_controls.controller import options, output, scaffold
from streamlit_controls.controller.outcome import finish
from streamlit_controls.controller.progress import app_address, carry_out
from streamlit_controls.controller.session import pass_project
from streamlit_controls.core.errors import ManagerNotRunning
from streamlit_controls.project import Project


@click.command("new")
@click.argument("app")
@options.as_json
@pass_project
def command(project: Project, app: str, as_json: bool) -> None:
    """Write a new APP; where the manager runs, it is live at once."""
    files = scaffold.write(project, app)
    shown = [str(path.relative_to(project.root)) for path in files]
    if not as_json:
        output.echo("\n".join(f"wrote {path}" for path in shown))
    try:
        client = Client.for_project(project)
        client.request("status")
    except ManagerNotRunning:
        if as_json:
            output.show_json({"ok": True, "result": {"app": app, "files": shown}})
        else:
            output.echo("Next: ./streamlit_controller start")
        return
    reply = carry_out(client, "refresh", as_json=as_json)
    reply["result"] = {"app": app, "files": shown, **(reply.get("result") or {})}
    finish(reply, as_json=as_json, say=lambda _: app_address(client, app))

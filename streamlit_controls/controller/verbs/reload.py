"""`reload`: have the manager run the code that is on disk now, while all else runs on."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from streamlit_controls.client import Client
from streamlit_controls.controller import options, output
from streamlit_controls.controller.ending import END_SECONDS, Ending
from streamlit_controls.controller.keeper_start import wait_for_manager
from streamlit_controls.controller.outcome import finish
from streamlit_controls.controller.progress import carry_out
from streamlit_controls.controller.session import pass_project
from streamlit_controls.core.errors import ControllerError
from streamlit_controls.project import Project

Status = Mapping[str, Any]


@click.command("reload")
@options.as_json
@pass_project
def command(project: Project, as_json: bool) -> None:
    """Run the code that is on disk now; apps, sessions and connections stay."""
    client = Client.for_project(project)
    before = client.request("status")
    reply = replaced(project, client, before["manager"]["pid"], as_json=as_json)
    if not reply["ok"]:
        if not as_json:
            output.show_log((reply.get("result") or {}).get("log", ()))
        finish(reply, as_json=as_json, say=lambda _: "")
        return
    after = wait_for_manager(project, "the next manager does not answer").request("status")
    was, now = set(pids(before)), set(pids(after))
    result = {
        "version": after["manager"]["version"],
        "pid": after["manager"]["pid"],
        "processes": len(was),
        "kept": len(was & now),
        "gateway": reply["result"]["gateway"],
    }
    finish({"ok": True, "result": result}, as_json=as_json, say=_sentences)


def replaced(project: Project, client: Client, pid: int, *, as_json: bool) -> dict[str, Any]:
    """Have the manager make way, and see that it has; return its reply."""
    with Ending(pid, keeper=False) as ending:
        reply = carry_out(client, "reload", as_json=as_json)
        if reply["ok"] and not ending.wait(END_SECONDS):
            raise ControllerError(
                f"the manager, pid {pid}, does not make way", f"see {project.controller_log}"
            )
    return reply


def pids(status: Status) -> Iterator[int]:
    """Yield the processes that a reload is to keep: all of the apps, and the gateway."""
    for app in status["apps"].values():
        for unit in (app, *app["services"].values()):
            yield from (each["pid"] for each in unit["instances"])
    if status["manager"]["gateway"]["pid"] is not None:
        yield status["manager"]["gateway"]["pid"]


def _sentences(result: Status) -> str:
    said = f"The manager runs version {result['version']}, as pid {result['pid']}; "
    kept, there = result["kept"], result["processes"]
    of = "" if kept == there else f" of {there}"
    was = "was" if kept == 1 else "were"
    said += f"{kept}{of} {'process' if there == 1 else 'processes'} {was} kept"
    if result["gateway"]:
        said += ". The gateway is replaced too, as its program has changed: open tabs reconnect"
    return said

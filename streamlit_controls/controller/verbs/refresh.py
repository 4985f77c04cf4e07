"""`refresh`: take up what changed in config.json and apps/."""

from collections.abc import Mapping
from typing import Any

import click

from streamlit_controls.client import Client
from streamlit_controls.controller import options, output
from streamlit_controls.controller.outcome import finish
from streamlit_controls.controller.progress import carry_out
from streamlit_controls.controller.session import pass_project
from streamlit_controls.project import Project


@click.command("refresh")
@options.as_json
@pass_project
def command(project: Project, as_json: bool) -> None:
    """Take up new apps and what changed in config.json."""
    reply = carry_out(Client.for_project(project), "refresh", as_json=as_json)
    if not as_json:
        for problem in (reply.get("result") or {}).get("problems", ()):
            output.show_problem(problem)
    finish(reply, as_json=as_json, say=summary)


def summary(result: Mapping[str, Any]) -> str:
    """Return what a refresh changed, in one line."""
    changes = [
        f"{word}: {', '.join(result[word])}"
        for word in ("added", "changed", "removed")
        if result[word]
    ]
    text = "; ".join(changes) or "nothing has changed"
    return text[0].upper() + text[1:]

"""How a command ended: which apps are well, which are not and why."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click

from streamlit_controls.controller import output
from streamlit_controls.controller.progress import UP
from streamlit_controls.core.errors import RemoteError

Result = Mapping[str, Any]


def finish(reply: Result, *, as_json: bool, say: Callable[[Result], str]) -> None:
    """Show a reply: what failed and why, then the sentence about the result; leave with its code.

    Raises RemoteError for a failure that is not about apps, such as an unknown name.
    """
    result = reply.get("result") or {}
    if as_json:
        output.show_json({key: value for key, value in reply.items() if key != "type"})
    elif not reply["ok"] and not result.get("apps"):
        raise RemoteError(reply["error"], result)
    else:
        show_failures(result.get("apps", {}))
        output.echo(say(result))
    if not reply["ok"]:
        if not as_json:
            output.show_error(RemoteError(reply["error"], result))
        click.get_current_context().exit(int(reply["error"].get("exit_code", 1)))


def how_many(result: Result) -> str:
    """Return how many of the apps are up, and where."""
    apps = result["apps"]
    up = sum(app["state"] in UP for app in apps.values())
    url = click.style(result["url"], bold=True)
    if not apps:
        return f"The site is up at {url}; apps/ has no apps yet: ./streamlit_controller new APP"
    if up == len(apps):
        verb = "is" if up == 1 else "are"
        return f"{output.count(up, 'app')} {verb} up at {url}"
    return f"{up} of {output.count(len(apps), 'app')} {'is' if up == 1 else 'are'} up at {url}"


def show_failures(apps: Mapping[str, Any]) -> None:
    """Print each app and service that is not well, with its last words."""
    for name, unit in _units(apps):
        if unit.get("error"):
            output.echo(f"{click.style(f'{name}:', fg='red', bold=True)} {unit['error']}", err=True)
            output.show_log(unit.get("log") or ())


def _units(apps: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, app in apps.items():
        yield key, app
        for name, service in app.get("services", {}).items():
            yield f"{key}/{name}", service

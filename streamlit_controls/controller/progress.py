"""Shows a command's progress while it happens."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import click

from streamlit_controls.client import Client
from streamlit_controls.controller import output

Message = Mapping[str, Any]


UP = {"running", "sleeping"}
"""States of an app that answers."""


class Display(Protocol):
    """Something that shows progress messages."""

    def show(self, message: Message) -> None: ...


class Lines:
    """Prints each message as a line of its own, as it comes."""

    def __init__(self, *, err: bool) -> None:
        self._err = err

    def show(self, message: Message) -> None:
        name, text = unit_name(message), message["message"]
        parts = [name, output.state(message["state"]), text] if name else [text]
        output.echo(": ".join(part for part in parts if part), err=self._err)


def carry_out(
    client: Client, verb: str, app: str | None = None, *, as_json: bool, **more: Any
) -> dict[str, Any]:
    """Have the manager do something, show its progress, and return its reply.

    Where it is about one app, the reply comes as soon as that has failed, and has the reason too:
    who reads both is to read it once.
    """
    args = more if app is None else {"app": app, **more}
    reply: dict[str, Any] = {}
    follows_at_once = app is not None and output.in_one_place()
    with display(as_json=as_json) as shown:
        for message in client.call(verb, **args):
            if message["type"] == "progress":
                repeated = follows_at_once and message["state"] == "failed"
                shown.show({**message, "message": ""} if repeated else message)
            else:
                reply = message
    return reply


@contextmanager
def display(*, as_json: bool) -> Iterator[Display]:
    """Give the display that fits: a live table, lines, or lines beside JSON."""
    if as_json or not sys.stdout.isatty():
        yield Lines(err=as_json)
        return
    from streamlit_controls.controller.live import LiveTable  # rich takes 50 ms to import

    with LiveTable() as table:
        yield table


def _who_stays(app: Mapping[str, Any]) -> str:
    """Return who is still with an instance of an app that was replaced, or nothing."""
    old = [each for each in app["instances"] if each.get("drains_until")]
    sessions = sum(each["sessions"] or 0 for each in old)
    if not sessions:
        return ""
    stay = "stays" if sessions == 1 else "stay"
    left = output.duration(max(each["drains_until"] for each in old) - time.time())
    return f"; {output.count(sessions, 'open session')} {stay} on the old one, for {left} at most"


def _is_the_one_before(app: Mapping[str, Any]) -> bool:
    """Tell whether all instances of an app are of a version that was to be replaced."""
    generations = [each["generation"] for each in app["instances"]]
    return bool(generations) and max(generations) < app["generation"]


def unit_name(message: Message) -> str:
    """Return the name of what a message is about: an app, its service, or nothing."""
    app, service = message.get("app"), message.get("service")
    return f"{app}/{service}" if app and service else app or service or ""


def app_address(client: Client, app: str) -> str:
    """Return the sentence that says where an app is now."""
    found = client.request("status")["apps"].get(app)
    if found is None:
        return f"the manager does not know {app} yet: see ./streamlit_controller status"
    url = click.style(found["url"], bold=True)
    if found["state"] in UP:
        who = "; the version before serves on" if _is_the_one_before(found) else _who_stays(found)
        return f"{app} is {output.state(found['state'])} at {url}{who}"
    return f"{app} is {output.state(found['state'])}; {url} says why"

"""Arguments and options that several verbs share."""

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from streamlit_controls.controller.inventory import OWN_LOGS, app_keys
from streamlit_controls.controller.session import current_project
from streamlit_controls.core.errors import UnknownApp

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

as_json = click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")


def app_argument(*, required: bool, ours: bool = False) -> Decorator:
    """Return the argument APP, which a shell can complete.

    `ours` tells whether the names of our own processes will do as well.
    """
    return click.argument(
        "app",
        required=required,
        shell_complete=_complete,
        callback=None if ours else _refuse_ours,
    )


def _refuse_ours(_: click.Context, __: click.Parameter, app: str | None) -> str | None:
    if app in OWN_LOGS:
        raise UnknownApp(
            f"{app} is the controller's own, and no app",
            "it is looked after by itself; ./streamlit_controller reload runs the code on disk",
        )
    return app


def _complete(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    keys = app_keys(current_project())
    return [CompletionItem(key) for key in keys if key.startswith(typed)]

"""Arguments and options that several verbs share."""

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from streamlit_controls.controller.inventory import app_keys
from streamlit_controls.controller.session import current_project

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

as_json = click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")


def app_argument(*, required: bool) -> Decorator:
    """Return the argument APP, which a shell can complete."""
    return click.argument("app", required=required, shell_complete=_complete)


def _complete(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    keys = app_keys(current_project())
    return [CompletionItem(key) for key in keys if key.startswith(typed)]

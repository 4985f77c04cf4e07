"""The API's description as one page of plain HTML: no scripts, nothing from another site."""

from collections.abc import Iterator
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #0e7490; }
@media (prefers-color-scheme: dark) { :root { --accent: #67e8f9; } }
body { font: 16px/1.55 system-ui, sans-serif; }
body { max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h1 + p { margin-top: .25rem; opacity: .75; }
section { border: 1px solid var(--line); border-radius: 10px; }
section { padding: .9rem 1.1rem; margin: 1rem 0; }
h2 { font: 600 1rem ui-monospace, monospace; margin: 0; overflow-wrap: anywhere; }
h2 b { color: var(--accent); margin-right: .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .6rem 0; }
dt { font-family: ui-monospace, monospace; } dd { margin: 0; } dd i { opacity: .65; }
code { background: var(--soft); border-radius: 6px; }
code { padding: .1rem .35rem; overflow-wrap: anywhere; }
p { margin: .5rem 0; } a { color: var(--accent); }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
"""


def docs_page(openapi: dict[str, Any], root_path: str) -> str:
    """A page from an OpenAPI description; `root_path` is where the server is seen from outside."""
    info = openapi["info"]
    sections = "".join(
        _section(path, operation)
        for path, methods in openapi["paths"].items()
        if (operation := methods.get("get"))
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])}</h1><p>{escape(info['description'])}</p>{sections}"
        "<p>Errors are JSON with a reason: "
        '<code>{"error": {"code": "…", "message": "…", "hint": "…"}}</code></p>'
        f'<p><a href="{escape(root_path, quote=True)}/openapi.json">openapi.json</a></p>'
        "</body></html>"
    )


def _section(path: str, operation: dict[str, Any]) -> str:
    parameters = "".join(_parameters(operation.get("parameters", [])))
    table = f"<dl>{parameters}</dl>" if parameters else ""
    description = escape(operation.get("description", ""))
    return f"<section><h2><b>GET</b>{escape(path)}</h2><p>{description}</p>{table}</section>"


def _parameters(parameters: list[dict[str, Any]]) -> Iterator[str]:
    for parameter in parameters:
        default = parameter["schema"].get("default")
        note = f" <i>Default: {escape(str(default))}</i>" if default not in (None, "") else ""
        description = escape(parameter.get("description", ""))
        yield f"<dt>{escape(parameter['name'])}</dt><dd>{description}{note}</dd>"

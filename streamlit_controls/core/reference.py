"""Writes the parts of the documentation that the code decides."""

import json
from typing import Any

from pydantic import BaseModel

from streamlit_controls.core.lifecycle import TABLE, State
from streamlit_controls.core.settings import AppEntry, AppSettings, ConfigFile, ServiceSettings

INTRODUCTION = """\
# Configuration reference

Two kinds of files say what runs. `config.json` is the operator's; `apps/<key>/app.toml`, the
manifest, comes with an app. Where both say something, config.json wins; where neither does, the
default holds. Unknown keys are errors, with the nearest known key suggested, and all problems are
told at once. While the controller runs, an edit takes effect at `./streamlit_controller refresh`.
Within seconds `status` shows what of it is not in order, or not in force yet. What is not in order, or
not there any more, leaves the last good configuration in force.

An app that has failed is tried again when a file in its folder changes, without a `refresh`; what its
manifest says then counts at once. Folders named `venv`, `.venv`, `env`, `.git`, `node_modules` and
`__pycache__` are not looked at, nor more than 2,000 files. When it fails again and again, the pauses
between such tries become longer.

`start` and `refresh` add new folders in `apps/` to config.json, each on the next free port, and
leave everything that people wrote as and where it is. With nothing new they do not touch the file.
Only a `start` makes a config.json where there is none.
For completion and checks in an editor, let the file begin with
`"$schema": "./docs/config.schema.json"`.
"""

PLACES = """\
## Paths

`dir` and `venv` of an app are relative to the project's folder, `dir` and `venv` of a service to its
app's folder and its own; all may be absolute.

## The environment of an app

The first of these that is there:

1. `venv` from the configuration;
2. `venv`, `.venv` or `env` in the app's folder;
3. one built from the folder's `requirements.txt`, else from its `pyproject.toml`;
4. the shared default environment: Streamlit and what it needs, in exact versions.

A built environment is named by what went into it, and shared by all that ask for the same. Streamlit,
uvicorn, uvloop and httptools are added in the same resolution and never change a version that the
app pins. A service follows the same rules in its own folder, then takes its app's environment.
Requirements are resolved once; edit the file and `restart` the app to have them resolved anew. The same
goes for a package of your own that they name by its path, such as `../../lib`: edit it, and the next
`restart` builds it anew. Of one with more than 2,000 files, those beyond do not count.

## What a process finds in its environment

| variable | where | what |
|---|---|---|
| `STREAMLIT_CONTROLLER_INSTANCE` | everywhere | the id of this very start |
| `STREAMLIT_CONTROLLER_APP` | everywhere | the app's key |
| `HOME` | everywhere | a folder of the app's own, `.state/homes/<key>`, which stays as the app leaves it |
| `CACHE_DIR` | everywhere | another one, `.state/cache/apps/<key>`, for what can be made again |
| `<SERVICE>_URL` | everywhere in the app | the service's address for calls on this machine, such as `MEDIA_SERVER_URL=http://127.0.0.1:8503` |
| `<SERVICE>_PATH` | everywhere in the app | its path for browsers, where it has a mount, such as `MEDIA_SERVER_PATH=/app/media-explorer/api` |
| `HOST`, `PORT`, `ROOT_PATH` | services | where to listen, and the path that the gateway has taken off |

`env` adds to these and overrides them, and can refer to them: with `"BACKEND": "${API_URL}"` the app finds its
service `api` as `BACKEND`. A name that is not there is an error; `$${` stands for `${` itself. An app runs with
its own folder as working directory.

Of the variables with which the controller was started, a process gets those that any program needs: `PATH`,
the language (`LANG`, `LC_*`), the time zone, `USER`, `TMPDIR`, proxies, the places of certificates, how libraries
are found and use memory, threads and devices (`LD_LIBRARY_PATH`, `MALLOC_*`, `OMP_*`, `MKL_*`, `CUDA_*` and the
like), and options of Streamlit (`STREAMLIT_*`). Beside these only what `pass_env` names: [isolation](isolation.md)
says why, and how an app gets a secret.
"""


def schema() -> str:
    """Return the JSON Schema of config.json."""
    document: dict[str, Any] = ConfigFile.model_json_schema(by_alias=True)
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def configuration() -> str:
    """Return docs/configuration.md."""
    parts = [
        INTRODUCTION,
        _section("config.json", ConfigFile),
        _section("`apps.<key>` in config.json", AppEntry, without=AppSettings),
        _section("`apps.<key>` in config.json, or app.toml", AppSettings),
        _section("`services.<name>` of an app", ServiceSettings),
        PLACES,
    ]
    return "\n".join(parts)


def states() -> str:
    """Return the state diagram of an app, in Mermaid's notation, drawn from the table."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.STOPPED.value}"]
    lines += [
        f"    {old.value} --> {new.value}: {event.value}" for (old, event), new in TABLE.items()
    ]
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"


def _section(heading: str, model: type[BaseModel], without: type[BaseModel] | None = None) -> str:
    properties = model.model_json_schema(by_alias=True)["properties"]
    left_out = set(without.model_fields) if without else set()
    rows = [
        f"| `{name}` | {_type(shape)} | {_default(shape)} | {shape.get('description', '')} |"
        for name, shape in properties.items()
        if name not in left_out
    ]
    return "\n".join(
        [f"## {heading}", "", "| key | type | default | what |", "|---|---|---|---|", *rows, ""]
    )


def _type(shape: dict[str, Any]) -> str:
    names = {"integer": "whole number", "object": "table", "array": "list", "boolean": "true/false"}
    if "const" in shape:
        return f'`"{shape["const"]}"`'
    if "anyOf" in shape:
        members = [_type(each) for each in shape["anyOf"] if each.get("type") != "null"]
        return " or ".join(members)
    if "enum" in shape:
        return " or ".join(f'`"{each}"`' for each in shape["enum"])
    kind = str(shape.get("type", "object"))
    return names.get(kind, kind)


def _default(shape: dict[str, Any]) -> str:
    value = shape.get("default")
    return "" if value is None else f"`{json.dumps(value)}`"

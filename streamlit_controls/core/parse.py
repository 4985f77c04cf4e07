"""From what people wrote to the frozen configuration, or to every problem at once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from streamlit_controls.core import ports, problems
from streamlit_controls.core.config import App, Config, Service
from streamlit_controls.core.errors import ConfigError, Problem
from streamlit_controls.core.names import RESERVED_KEYS, RESERVED_SEGMENTS, SLUG, title
from streamlit_controls.core.settings import AppEntry, AppSettings, ConfigFile, ServiceSettings
from streamlit_controls.core.values import seconds, size

Document = dict[str, Any]


@dataclass(frozen=True)
class Manifest:
    """An app's app.toml as it was read: what it says, or why it could not be read."""

    document: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None


NO_MANIFEST = Manifest()


def read_document(text: str) -> Document:
    """Return config.json's text as a document; refuse what is no JSON object or has a key twice."""
    repeated: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> Document:
        found = dict(items)
        if len(found) < len(items):
            keys = [key for key, _ in items]
            repeated.extend(sorted({key for key in keys if keys.count(key) > 1}))
        return found

    try:
        document = json.loads(text, object_pairs_hook=pairs)
        json.dumps(document, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ConfigError([Problem("", f"{where}: no JSON: {error.msg}")]) from error
    except RecursionError as error:
        raise ConfigError([Problem("", "too deeply nested")]) from error
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise ConfigError([Problem("", f"{half} is only half of a character")]) from error
    except ValueError as error:
        raise ConfigError([Problem("", "a number has too many digits")]) from error
    if not isinstance(document, dict):
        raise ConfigError([Problem("", f"should be a JSON object, not {problems.shown(document)}")])
    if repeated:
        raise ConfigError([Problem(key, "stands there twice") for key in repeated])
    return document


def parse(document: Mapping[str, Any], manifests: Mapping[str, Manifest], root: Path) -> Config:
    """Return the configuration of config.json and the apps' manifests.

    `manifests` are by app key; `root` is the project's folder, to which relative paths belong.
    Raises ConfigError with every problem of config.json. A manifest's problems stay with its app.
    """
    try:
        file = ConfigFile.model_validate(document)
    except ValidationError as error:
        found = problems.problems(error)
        raise ConfigError([*found, *_in_the_rest(document, error, manifests, root)]) from error
    apps = [
        _app(key, entry, manifests.get(key, NO_MANIFEST), root) for key, entry in file.apps.items()
    ]
    config = Config(
        apps=tuple(apps),
        website_port=file.website_port,
        host=file.host,
        domain=file.domain,
        manager_port=file.manager_port,
        site_port=file.site_port or ports.after(file.manager_port),
        first_app_port=file.first_app_port,
        allowed_hosts=None if file.allowed_hosts is None else tuple(file.allowed_hosts),
        trusted_proxies=tuple(file.trusted_proxies),
        pass_env=tuple(file.pass_env),
        zygote_memory=size(file.zygote_memory) if file.zygote_memory else None,
        zygote_timeout=seconds(file.zygote_timeout),
    )
    found = [*_wrong_keys(file), *_repeated_paths(config), *ports.conflicts(config)]
    if found:
        raise ConfigError(found)
    return ports.assign(config)


def _in_the_rest(
    document: Mapping[str, Any],
    error: ValidationError,
    manifests: Mapping[str, Manifest],
    root: Path,
) -> tuple[Problem, ...]:
    """Return what is wrong beside the faults of a ValidationError, so that all are told at once."""
    rest = json.loads(json.dumps(document))
    for details in error.errors():
        # A service as a whole: without its faulty part it might seem to lack one.
        _remove(rest, details["loc"][:4])
    if rest == document:
        return ()
    try:
        parse(rest, manifests, root)
    except ConfigError as more:
        return more.problems
    return ()


def _remove(document: dict[str, Any], location: Sequence[int | str]) -> None:
    """Remove the value at a validator's location, which may go deeper than tables of keys."""
    key, *deeper = location
    value = document.get(str(key))
    if deeper and isinstance(value, dict) and deeper[0] in value:
        _remove(value, deeper)
    else:
        document.pop(str(key), None)


def _app(key: str, entry: AppEntry, manifest: Manifest, root: Path) -> App:
    settings, found = _manifest_settings(manifest)
    said = settings.model_dump(exclude_unset=True, exclude={"services", "env"})
    said |= entry.model_dump(exclude_unset=True, exclude={"services", "env", "dir", "port"})
    said = {name: value for name, value in said.items() if value is not None}
    folder = root / (entry.dir or f"apps/{key}")
    services = {**(settings.services or {}), **(entry.services or {})}
    said.setdefault("name", title(key))
    path = said.pop("url", f"/{key}/")
    venv = said.pop("venv", None)
    said.pop("access", None)
    said["tags"] = tuple(said.get("tags", ()))
    said["preload"] = tuple(said.get("preload", ()))
    said["writable"] = tuple(said.get("writable", ()))
    app = App(
        key=key,
        path=path,
        dir=folder,
        port=entry.port or 0,
        venv=root / venv if venv else None,
        env={**(settings.env or {}), **(entry.env or {})},
        problems=tuple(found),
        **said,
    )
    return replace(
        app, services=tuple(_service(name, each, app) for name, each in services.items())
    )


def _manifest_settings(manifest: Manifest) -> tuple[AppSettings, list[Problem]]:
    if manifest.problem:
        return AppSettings(), [manifest.problem]
    try:
        return AppSettings.model_validate(manifest.document), []
    except ValidationError as error:
        return AppSettings(), problems.problems(error, prefix=["app.toml"])


def _service(name: str, settings: ServiceSettings, app: App) -> Service:
    folder = app.dir / (settings.dir or ".")
    idle_timeout = settings.idle_timeout
    return Service(
        name=name,
        dir=folder,
        port=settings.port or 0,
        asgi=settings.asgi,
        command=tuple(settings.command) if settings.command else None,
        venv=folder / settings.venv if settings.venv else None,
        python=settings.python,
        mount=settings.mount,
        health=settings.health,
        replicas=settings.replicas,
        idle_timeout=app.idle_timeout if idle_timeout is None else seconds(idle_timeout),
        start_timeout=seconds(settings.start_timeout or app.start_timeout),
        memory_limit=size(settings.memory_limit) if settings.memory_limit else None,
        warm=app.warm if settings.warm is None else settings.warm,
        preload=app.preload if settings.preload is None else tuple(settings.preload),
        env=settings.env,
        restart_on_crash=settings.restart_on_crash,
    )


def _wrong_keys(file: ConfigFile) -> list[Problem]:
    found = []
    seen: dict[str, str] = {}
    for key in file.apps:
        if not SLUG.match(key):
            message = 'should be letters, digits, "-" and "_", and begin with a letter or a digit'
            found.append(Problem(f"apps.{key}", message))
        elif key in RESERVED_KEYS:
            found.append(Problem(f"apps.{key}", "the name is kept for the controller's own logs"))
        other = seen.setdefault(key.casefold(), key)
        if other != key:
            found.append(Problem(f"apps.{key}", f"differs from {other} in capitals only"))
    return found


def _repeated_paths(config: Config) -> list[Problem]:
    found: list[Problem] = []
    seen: dict[str, str] = {}
    for app in config.apps:
        where = f"apps.{app.key}.url"
        if app.path.split("/")[1] in RESERVED_SEGMENTS:
            segment = app.path.split("/")[1]
            found.append(
                Problem(where, f'"/{segment}" is kept for the site itself', "give it a url")
            )
        elif app.path.casefold() in seen:
            other = seen[app.path.casefold()]
            found.append(Problem(where, f'{other} has the url "{app.path}" already'))
        seen.setdefault(app.path.casefold(), app.key)
    return found

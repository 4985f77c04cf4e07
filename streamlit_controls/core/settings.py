"""The shape of config.json and of app.toml: what keys there are, of which type, meaning what.

The JSON Schema and the configuration reference are generated from these models.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from streamlit_controls.core.names import RESERVED_SEGMENTS, SLUG, URL_PATH

Port = Annotated[int, Field(ge=1, le=65535)]

_DURATION = re.compile(r"(\d+)\s*([smhd]?)\Z")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZE = re.compile(r"(\d+)\s*([KMGT]?)(?:i?B)?\Z")
_BYTES = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def seconds(value: int | str) -> int:
    """Return a duration such as 90, "90s", "30m", "2h" or "1d" in seconds."""
    if isinstance(value, int):
        if value < 0:
            raise ValueError("should not be negative")
        return value
    match = _DURATION.match(value)
    if not match:
        raise ValueError('should be seconds or a duration such as "90s", "30m" or "2h"')
    return int(match[1]) * _SECONDS[match[2]]


def size(value: int | str) -> int:
    """Return an amount of memory such as "512M" or "2G" in bytes."""
    if isinstance(value, int):
        if value <= 0:
            raise ValueError("should be more than 0")
        return value
    match = _SIZE.match(value)
    if not match or not int(match[1]):
        raise ValueError('should be bytes or an amount such as "512M" or "2G"')
    return int(match[1]) * _BYTES[match[2]]


def _url(value: str) -> str:
    path = "/" + value.strip("/") + "/"
    if not URL_PATH.match(path):
        raise ValueError('should be a path such as "/sales/" (letters, digits, "-", "_", ".", "~")')
    if path.split("/")[1] in RESERVED_SEGMENTS:
        raise ValueError(f'"/{path.split("/")[1]}" is kept for the site itself')
    return path


def _mount(value: str) -> str:
    segment = value.strip("/")
    if not SLUG.match(segment):
        raise ValueError('should be one path segment such as "api"')
    return segment


def _variables(value: dict[str, str]) -> dict[str, str]:
    for name in value:
        if not _VARIABLE.match(name):
            raise ValueError(f"{name!r} cannot be the name of an environment variable")
        if "\0" in value[name]:
            raise ValueError(f"{name} cannot hold a NUL character")
    return value


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("cannot hold a NUL character")
    return value


def _module(value: str) -> str:
    if not all(part.isidentifier() for part in value.split(".")):
        raise ValueError('should be the name of a module such as "sklearn.linear_model"')
    return value


def _slashed(value: str) -> str:
    if not value.startswith("/"):
        raise ValueError('should be a path such as "/health"')
    return value


Duration = Annotated[int | str, AfterValidator(seconds)]
Size = Annotated[int | str, AfterValidator(size)]
Variables = Annotated[dict[str, str], AfterValidator(_variables)]
Module = Annotated[str, AfterValidator(_module)]
Text = Annotated[str, Field(min_length=1), AfterValidator(_without_nul)]


class Settings(BaseModel):
    """What every table of the configuration shares: no unknown keys, no guessing of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ServiceSettings(Settings):
    """A companion process that an app declares; exactly one of `asgi` and `command`."""

    asgi: Text | None = Field(None, description="ASGI app as `module:attribute`, run by uvicorn.")
    command: list[Text] | None = Field(
        None,
        min_length=1,
        description="Any program and its arguments; `{port}` and `{host}` are filled in.",
    )
    dir: Text | None = Field(None, description="Its folder, relative to the app's.")
    venv: Text | None = Field(None, description="Its virtual environment, relative to its folder.")
    python: Text | None = Field(None, description="Python version of its environment.")
    port: Port | None = Field(None, description="Its port; by default the next free one.")
    mount: Annotated[str, AfterValidator(_mount)] | None = Field(
        None, description="Where browsers reach it: `/app/<key>/<mount>/`. Without it: nowhere."
    )
    health: Annotated[str, AfterValidator(_slashed)] = Field(
        "/", description="Path that answers with a status below 500 when it is ready."
    )
    env: Variables = Field(default_factory=dict, description="Environment variables.")
    restart_on_crash: bool = Field(True, description="Start it again when it ends by itself.")
    idle_timeout: Duration | None = Field(
        None,
        description="As its app's, by default the same; a `command` never sleeps.",
    )
    warm: bool | None = Field(None, description="As its app's, by default the same.")
    preload: list[Module] | None = Field(None, description="As its app's, by default the same.")

    @model_validator(mode="after")
    def _one_way_to_run(self) -> Self:
        if (self.asgi is None) == (self.command is None):
            raise ValueError("should have exactly one of asgi and command")
        return self


class AppSettings(Settings):
    """What an app's own manifest, app.toml, may say."""

    name: Text | None = Field(None, description="Name for people; by default from the key.")
    url: Annotated[str, AfterValidator(_url)] | None = Field(
        None, description="Where the site shows it; by default `/<key>/`."
    )
    description: str | None = Field(None, description="One sentence for the catalogue.")
    icon: Annotated[str, AfterValidator(_without_nul)] | None = Field(
        None, description="An emoji, or an image file in the app's folder."
    )
    tags: list[Text] | None = Field(None, description="Words to find it by.")
    entrypoint: Text | None = Field(
        None,
        description="The script; by default app.py, else streamlit_app.py, else the only *.py.",
    )
    venv: Text | None = Field(
        None, description="A virtual environment of yours, relative to the project."
    )
    python: Text | None = Field(
        None, description='Python version of a built environment, such as "3.12".'
    )
    restart_on_crash: bool | None = Field(
        None, description="Start it again when it ends by itself; by default true."
    )
    replicas: Annotated[int, Field(ge=1, le=64)] | None = Field(
        None, description="How many instances run; by default 1."
    )
    idle_timeout: Duration | None = Field(
        None,
        description="Time without use after which it sleeps until somebody opens it;"
        " by default `30m`, 0 is never.",
    )
    idle_tab_timeout: Duration | None = Field(
        None,
        description="Time without its visitor's doing after which an open tab counts as closed;"
        " by default 0, which is never.",
    )
    warm: bool | None = Field(
        None,
        description="Start it by forking a process that has imported its packages;"
        " by default true.",
    )
    preload: list[Module] | None = Field(
        None,
        description="Installed modules that this process imports too, beside Streamlit, pandas,"
        " numpy, pyarrow and altair.",
    )
    access: Literal["public"] | None = Field(
        None, description="Who may open it; this release knows `public` only."
    )
    env: Variables | None = Field(None, description="Environment variables of its processes.")
    memory_limit: Size | None = Field(
        None, description="Checked, not acted on yet: memory of an instance, such as `2G`."
    )
    services: dict[str, ServiceSettings] | None = Field(
        None, description="Companion processes, by name."
    )

    @field_validator("services")
    @classmethod
    def _service_names(
        cls, value: dict[str, ServiceSettings] | None
    ) -> dict[str, ServiceSettings] | None:
        mounts: dict[str, str] = {}
        for name, service in (value or {}).items():
            if not SLUG.match(name):
                raise ValueError(f'{name!r} should be a name such as "api-server"')
            if service.mount is not None and service.mount in mounts:
                raise ValueError(
                    f"{mounts[service.mount]} and {name} have the same mount, {service.mount!r}"
                )
            if service.mount is not None:
                mounts[service.mount] = name
        return value


class AppEntry(AppSettings):
    """An app in config.json: the manifest's keys, which it overrides, and its place."""

    dir: Text | None = Field(
        None, description="Its folder, relative to the project; by default `apps/<key>`."
    )
    port: Port | None = Field(
        None, description="Its port on loopback; by default the next free one."
    )


class ConfigFile(Settings):
    """config.json: what the operator wants."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, title="config.json")

    schema_: str | None = Field(None, alias="$schema", description="For editors; not used.")
    website_port: Port = Field(5000, description="The one public port.")
    host: Text = Field(
        "127.0.0.1", description="Address the public port listens on; `0.0.0.0` is everywhere."
    )
    domain: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")] | None = (
        Field(None, description="Turns on HTTPS for this name, with automatic certificates.")
    )
    manager_port: Port = Field(8499, description="The manager's control port, on loopback.")
    site_port: Port | None = Field(
        None, description="The site's own port, on loopback; by default manager_port + 1."
    )
    first_app_port: Port = Field(8501, description="Where the ports of apps begin.")
    zygote_memory: Size | None = Field(
        None,
        description="Memory of all processes that wait to be forked, together; by default a"
        " quarter of the machine's.",
    )
    zygote_timeout: Duration = Field(
        "1d",
        validate_default=True,
        description="Time without a fork after which such a process goes; 0 is never.",
    )
    apps: dict[str, AppEntry] = Field(default_factory=dict, description="The apps, by key.")

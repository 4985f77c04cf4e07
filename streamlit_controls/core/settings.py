"""The shape of config.json and of app.toml: what keys there are, of which type, meaning what.

The JSON Schema and the configuration reference are generated from these models.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from streamlit_controls.core.names import SLUG
from streamlit_controls.core.values import (
    Duration,
    Folder,
    HostName,
    Icon,
    Module,
    Mount,
    Network,
    Port,
    Size,
    Slashed,
    SomeTime,
    Text,
    UrlPath,
    VariablePattern,
    Variables,
)


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
    mount: Mount | None = Field(
        None, description="Where browsers reach it: `/app/<key>/<mount>/`. Without it: nowhere."
    )
    health: Slashed = Field(
        "/", description="Path that answers with a status below 500 when it is ready."
    )
    env: Variables = Field(
        default_factory=dict, description="Environment variables, as its app's and beside those."
    )
    restart_on_crash: bool = Field(True, description="Start it again when it ends by itself.")
    replicas: Annotated[int, Field(ge=1, le=64)] = Field(
        1,
        description="How many processes share its port, and sleep together; a `command` has one.",
    )
    start_timeout: SomeTime | None = Field(None, description="As its app's, by default the same.")
    idle_timeout: Duration | None = Field(
        None,
        description="As its app's, by default the same; a `command` never sleeps.",
    )
    memory_limit: Size | None = Field(None, description="As an app's; by default there is none.")
    warm: bool | None = Field(None, description="As its app's, by default the same.")
    preload: list[Module] | None = Field(None, description="As its app's, by default the same.")

    @model_validator(mode="after")
    def _one_way_to_run(self) -> Self:
        if (self.asgi is None) == (self.command is None):
            raise ValueError("should have exactly one of asgi and command")
        if self.command is not None and self.replicas > 1:
            raise ValueError("a command opens its port by itself, so there can be one of it only")
        return self


class AppSettings(Settings):
    """What an app's own manifest, app.toml, may say."""

    name: Text | None = Field(None, description="Name for people; by default from the key.")
    url: UrlPath | None = Field(None, description="Where the site shows it; by default `/<key>/`.")
    description: str | None = Field(None, description="One sentence for the catalogue.")
    icon: Icon | None = Field(None, description="An emoji, or an image file in the app's folder.")
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
    env: Variables | None = Field(
        None,
        description="Environment variables of its processes; `${NAME}` in a value is another one.",
    )
    memory_limit: Size | None = Field(
        None,
        description="Memory above which an instance is replaced, such as `2G`; above one and a"
        " half times as much it is ended at once.",
    )
    start_timeout: SomeTime | None = Field(
        None,
        description="How long a process may take from its start until it answers; by default `1m`.",
    )
    drain_timeout: Duration | None = Field(
        None,
        description="How long an instance that was replaced stays for its open sessions;"
        " by default `10m`, 0 is not at all.",
    )
    isolation: Literal["process", "sandbox"] | None = Field(
        None,
        description="`sandbox` shows its processes nothing of other apps and lets them write to"
        " nothing but a home of their own; by default `process`.",
    )
    writable: list[Folder] | None = Field(
        None, description="Folders in its own that a sandbox lets it write to, too."
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
    allowed_hosts: list[HostName] | None = Field(
        None,
        description="Names under which browsers may reach the site; by default those of this"
        " machine's loopback where `host` is loopback, else any.",
    )
    trusted_proxies: list[Network] = Field(
        default_factory=list,
        description="Addresses of proxies in front of the site, whose `X-Forwarded-*` and"
        " identity headers are passed on; those of anybody else are taken away.",
    )
    pass_env: list[VariablePattern] = Field(
        default_factory=list,
        description="Variables of the controller's own environment that apps get, such as"
        ' `"HF_HOME"` or `"AWS_*"`; of the others they get only what any program needs.',
    )
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

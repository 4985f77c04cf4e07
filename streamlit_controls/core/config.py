"""The parsed configuration: frozen, complete, every default filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from streamlit_controls.core.errors import Problem

START_TIMEOUT = 60
"""Seconds from a process's start until it must answer, if nothing else is said."""


@dataclass(frozen=True)
class Service:
    """A companion process of an app."""

    name: str
    dir: Path
    port: int
    asgi: str | None = None
    command: tuple[str, ...] | None = None
    venv: Path | None = None
    python: str | None = None
    mount: str | None = None
    health: str = "/"
    replicas: int = 1
    idle_timeout: int = 1800
    warm: bool = True
    preload: tuple[str, ...] = ()
    memory_limit: int | None = None
    start_timeout: int = START_TIMEOUT
    env: Mapping[str, str] = field(default_factory=dict)
    restart_on_crash: bool = True


@dataclass(frozen=True)
class App:
    """A Streamlit app: its folder, its place in URLs, and how it wants to run.

    `problems` are those of its manifest: such an app is shown with them and is not started.
    """

    key: str
    name: str
    path: str
    dir: Path
    port: int
    description: str = ""
    icon: str | None = None
    tags: tuple[str, ...] = ()
    entrypoint: str | None = None
    venv: Path | None = None
    python: str | None = None
    restart_on_crash: bool = True
    replicas: int = 1
    idle_timeout: int = 1800
    idle_tab_timeout: int = 0
    warm: bool = True
    preload: tuple[str, ...] = ()
    memory_limit: int | None = None
    start_timeout: int = START_TIMEOUT
    drain_timeout: int = 600
    isolation: str = "process"
    writable: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Config:
    """What the operator wants, all of it."""

    apps: tuple[App, ...] = ()
    website_port: int = 5000
    host: str = "127.0.0.1"
    domain: str | None = None
    manager_port: int = 8499
    site_port: int = 8500
    first_app_port: int = 8501
    allowed_hosts: tuple[str, ...] | None = None
    trusted_proxies: tuple[str, ...] = ()
    pass_env: tuple[str, ...] = ()
    zygote_memory: int | None = None
    zygote_timeout: int = 86400

    @property
    def url(self) -> str:
        """Where a browser finds the site."""
        if self.domain:
            port = "" if self.website_port == 443 else f":{self.website_port}"
            return f"https://{self.domain}{port}/"
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host  # noqa: S104
        if ":" in host:
            host = f"[{host}]"
        return f"http://{host}:{self.website_port}/"

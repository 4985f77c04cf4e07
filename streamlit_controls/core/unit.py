"""What is supervised: an app's page, a service, the site, the gateway; all in the same way."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from streamlit_controls.core.config import START_TIMEOUT, App, Config, Service
from streamlit_controls.core.names import environment_name

READ_AT_START = (
    *("LANG", "LC_", "LD_", "GLIBC_", "MALLOC_", "PYTHON", "MPL", "OPENSSL_"),
    *("ARROW_", "BLIS_", "CUDA_", "GOTO_", "KMP_", "MKL_", "NPY_", "NUMBA_", "NUMEXPR_", "NUMPY_"),
    *("OMP_", "OPENBLAS_", "PANDAS_", "POLARS_", "PROTOCOL_BUFFERS_", "RAYON_", "VECLIB_"),
)
"""How the names of variables begin that are read when Python, or a library, is loaded."""

SITE = "@site"
GATEWAY = "@gateway"


class Kind(StrEnum):
    """How a unit's process is made."""

    STREAMLIT = "streamlit"
    ASGI = "asgi"
    COMMAND = "command"
    SITE = "site"
    GATEWAY = "gateway"


@dataclass(frozen=True)
class EnvironmentSpec:
    """Which virtual environment a unit wants, before anybody looked whether it is there."""

    folder: Path
    venv: Path | None = None
    python: str | None = None
    base: Path | None = None
    """The app's folder, whose environment a service without requirements of its own shares."""


@dataclass(frozen=True)
class Unit:
    """All that decides how the processes of an app, a service or the like are run.

    Two units that are equal run alike: a difference is what makes an edit a restart.
    """

    name: str
    kind: Kind
    dir: Path
    port: int
    log: str
    app: str | None = None
    service: str | None = None
    entrypoint: str | None = None
    asgi: str | None = None
    command: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    prefix: str = ""
    health: str = "/"
    env: Mapping[str, str] = field(default_factory=dict)
    environment: EnvironmentSpec | None = None
    replicas: int = 1
    restart_on_crash: bool = True
    problem: str | None = None
    warm: bool = False
    preload: tuple[str, ...] = ()
    isolation: str = "process"
    writable: tuple[str, ...] = ()
    pass_env: tuple[str, ...] = ()
    memory_limit: int | None = field(default=None, compare=False)
    start_timeout: int = field(default=START_TIMEOUT, compare=False)
    drain_timeout: int = field(default=0, compare=False)
    idle_timeout: int = field(default=0, compare=False)
    idle_tab_timeout: int = field(default=0, compare=False)

    @property
    def shares_socket(self) -> bool:
        """Tell whether an old and a new process may serve the same socket for a while.

        A page's may not: each of its instances has sessions of its own, so each has its own port.
        """
        return self.kind in {Kind.ASGI, Kind.SITE}

    @property
    def overlaps(self) -> bool:
        """Tell whether a new process can run beside the one that it replaces."""
        return self.kind in {Kind.STREAMLIT, Kind.ASGI, Kind.SITE}

    @property
    def can_sleep(self) -> bool:
        """Tell whether it can end and be woken: its use is known, its socket is ours."""
        return self.kind in {Kind.STREAMLIT, Kind.ASGI}

    @property
    def forks(self) -> bool:
        """Tell whether its processes are forked of a zygote, where there can be one.

        Variables of its own that count when a program or a library begins, it would have too late.
        """
        able = self.warm and self.kind in {Kind.STREAMLIT, Kind.ASGI}
        able = able and self.isolation == "process"
        return able and not any(name.startswith(READ_AT_START) for name in self.env)

    def base_path(self, instance: str) -> str:
        """Return the path, without a slash at its end, at which an instance serves."""
        return f"/app/{self.app}/~{instance}" if self.kind is Kind.STREAMLIT else self.prefix


def units(config: Config, root: Path) -> dict[str, Unit]:
    """Return every unit of a configuration by name; the site and the gateway come first."""
    found = [
        Unit(SITE, Kind.SITE, root, config.site_port, "website.log", health="/healthz"),
        Unit(GATEWAY, Kind.GATEWAY, root, config.website_port, "gateway.log", host=config.host),
    ]
    for app in config.apps:
        mine = [_page(app), *(_service(app, service) for service in app.services)]
        found.extend(replace(unit, pass_env=config.pass_env) for unit in mine)
    return {unit.name: unit for unit in found}


def removed(name: str, port: int) -> Unit:
    """Return what is enough to end a unit that is not in the configuration any more."""
    return Unit(name, Kind.COMMAND, Path(), port, f"{name}.log")


def unit_name(app: str, service: str | None = None) -> str:
    """Return the name of an app's unit, or of one of its services."""
    return app if service is None else f"{app}.{service}"


def _page(app: App) -> Unit:
    return Unit(
        name=unit_name(app.key),
        kind=Kind.STREAMLIT,
        dir=app.dir,
        port=app.port,
        log=f"{app.key}.log",
        app=app.key,
        entrypoint=app.entrypoint,
        health="/_stcore/health",
        env={**_addresses(app), **app.env},
        environment=EnvironmentSpec(app.dir, app.venv, app.python),
        replicas=app.replicas,
        restart_on_crash=app.restart_on_crash,
        problem="; ".join(str(problem) for problem in app.problems) or None,
        warm=app.warm,
        preload=app.preload,
        isolation=app.isolation,
        writable=app.writable,
        memory_limit=app.memory_limit,
        start_timeout=app.start_timeout,
        drain_timeout=app.drain_timeout,
        idle_timeout=app.idle_timeout,
        idle_tab_timeout=app.idle_tab_timeout,
    )


def _service(app: App, service: Service) -> Unit:
    return Unit(
        name=unit_name(app.key, service.name),
        kind=Kind.ASGI if service.asgi else Kind.COMMAND,
        dir=service.dir,
        port=service.port,
        log=f"{app.key}.{service.name}.log",
        app=app.key,
        service=service.name,
        asgi=service.asgi,
        command=service.command or (),
        prefix=f"/app/{app.key}/{service.mount}" if service.mount else "",
        health=service.health,
        env={**_addresses(app), **app.env, **service.env},
        environment=EnvironmentSpec(
            service.dir, service.venv, service.python or app.python, base=app.dir
        ),
        replicas=service.replicas,
        restart_on_crash=service.restart_on_crash,
        warm=service.warm,
        preload=service.preload,
        isolation=app.isolation,
        writable=app.writable,
        memory_limit=service.memory_limit,
        start_timeout=service.start_timeout,
        drain_timeout=app.drain_timeout,
        idle_timeout=service.idle_timeout,
    )


def _addresses(app: App) -> dict[str, str]:
    """Return the variables by which the processes of an app find its services."""
    found = {}
    for service in app.services:
        name = environment_name(service.name)
        found[f"{name}_URL"] = f"http://127.0.0.1:{service.port}"
        if service.mount:
            found[f"{name}_PATH"] = f"/app/{app.key}/{service.mount}"
    return found

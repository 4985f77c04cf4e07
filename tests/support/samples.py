"""Configurations, units and replicas as tests need them: all plain, but for what matters."""

from pathlib import Path
from typing import Any

from streamlit_controls.core import parse
from streamlit_controls.core.config import Config
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.parse import Manifest
from streamlit_controls.core.plan import Wish
from streamlit_controls.core.replica import Instance, Replica
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.core.unit import Kind, Unit, units

ROOT = Path("/project")


def config(document: dict[str, Any], manifests: dict[str, dict[str, Any]] | None = None) -> Config:
    """Return the configuration of a document and of manifests by app."""
    read = {key: Manifest(said) for key, said in (manifests or {}).items()}
    return parse.parse(document, read, ROOT)


def unit(name: str = "hello", kind: Kind = Kind.STREAMLIT, port: int = 8501, **more: Any) -> Unit:
    """Return a unit."""
    app, _, service = name.partition(".")
    return Unit(
        name,
        kind,
        ROOT / "apps" / app,
        port,
        f"{name}.log",
        app=app,
        service=service or None,
        **more,
    )


def instance(name: str = "abc234", port: int = 8501, **more: Any) -> Instance:
    """Return an instance that started 100 s after boot."""
    said: dict[str, Any] = {"pid": 4711, "birth": 100.0, "started_at": 1_795_234_440.1234}
    return Instance(id=name, port=port, **(said | more))


def replica(
    state: State = State.RUNNING,
    *,
    number: int = 1,
    unit: str = "hello",
    generation: int = 1,
    port: int = 8501,
    **more: Any,
) -> Replica:
    """Return a replica in a state, with an instance where that state has a process."""
    made = Replica(number, unit, generation, port, state, **more)
    if made.alive and made.instance is None:
        name = f"{'abcdefghijk'[number % 11]}{number:05d}".replace("0", "z").replace("1", "y")
        made = made.launched(instance(name, port), more.get("deadline", 0.0))
        made = Replica(**{**made.__dict__, "deadline": more.get("deadline")})
    return made


def snapshot(document: dict[str, Any], *replicas: Replica, **more: Any) -> Snapshot:
    """Return a snapshot in which every unit of a configuration is wished once."""
    parsed = config(document)
    wishes = {
        name: Wish(each.replicas, 1, each.overlaps) for name, each in units(parsed, ROOT).items()
    }
    return Snapshot(parsed, wishes, replicas, **more)

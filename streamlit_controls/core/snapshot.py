"""The frozen view of what is wished and what is, which every reader gets."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from streamlit_controls.core.config import App, Config, Service
from streamlit_controls.core.errors import Problem
from streamlit_controls.core.lifecycle import State, combined
from streamlit_controls.core.plan import Wish
from streamlit_controls.core.replica import End, Instance, Replica
from streamlit_controls.core.unit import GATEWAY, SITE, unit_name

Document = dict[str, Any]


@dataclass(frozen=True)
class Usage:
    """What a process uses: resident memory in bytes, share of one core in percent."""

    rss_bytes: int | None = None
    cpu_percent: float | None = None


Measure = Callable[[int], Usage]
"""Tells what the process with a pid uses."""


def unmeasured(_: int) -> Usage:
    """Return no measurements: for readers that want none."""
    return Usage()


@dataclass(frozen=True)
class Snapshot:
    """Everything known at one moment."""

    config: Config
    wishes: Mapping[str, Wish]
    replicas: tuple[Replica, ...]
    problems: tuple[Problem, ...] = ()
    logs: Mapping[str, tuple[str, ...]] | None = None
    """Last log lines of units that failed."""
    ends: Mapping[str, End] = field(default_factory=dict)
    """Why units' last processes ended that were not meant to."""
    booted_at: float = field(default=0.0, compare=False)
    """When the machine was booted, in seconds since 1970: times of day are made with it."""

    def of(self, unit: str) -> tuple[Replica, ...]:
        """Return a unit's replicas, the newest generation first."""
        return self._by_unit.get(unit, ())

    @cached_property
    def _by_unit(self) -> Mapping[str, tuple[Replica, ...]]:
        found: dict[str, list[Replica]] = {}
        for replica in self.replicas:
            found.setdefault(replica.unit, []).append(replica)
        return {
            unit: tuple(sorted(mine, key=lambda each: -each.generation))
            for unit, mine in found.items()
        }

    def state(self, unit: str) -> State:
        """Return the state of a unit from those of its replicas."""
        return combined({replica.state for replica in self.of(unit)})

    def error(self, unit: str) -> str | None:
        """Return what is wrong with a unit, if anything is, the newest first."""
        for replica in self.of(unit):
            if replica.error and replica.state is not State.RUNNING:
                return replica.error
            if replica.instance and replica.instance.error:
                return replica.instance.error
        return None

    def current(self, unit: str) -> Replica | None:
        """Return the replica that new visitors of a unit go to: of the newest, the emptiest."""
        replicas = self.of(unit)
        able = [each for each in replicas if each.visitable]
        able = able or [each for each in replicas if each.state is State.STARTING]
        newest = [each for each in able if each.generation == able[0].generation]
        return min(newest, key=_burden, default=None)


def _burden(replica: Replica) -> tuple[int, bool]:
    """Return what makes a replica the worse choice for a visitor: sessions, then the waking."""
    sessions = (replica.instance and replica.instance.sessions) or 0
    return sessions, replica.state is not State.RUNNING


def document(
    snapshot: Snapshot, manager: Mapping[str, Any], measure: Measure = unmeasured
) -> Document:
    """Return a snapshot in the shape of `status --json`; `manager` tells of the manager itself."""
    config = snapshot.config
    return {
        "manager": {
            **manager,
            "url": config.url,
            "website_port": config.website_port,
            "manager_port": config.manager_port,
            "site": _own(snapshot, SITE, config.site_port, measure),
            "gateway": _own(snapshot, GATEWAY, config.website_port, measure),
            "problems": [asdict(problem) for problem in snapshot.problems],
        },
        "apps": {app.key: _app(snapshot, app, measure) for app in config.apps},
    }


def outcome(snapshot: Snapshot, keys: list[str]) -> Document:
    """Return how apps are doing, briefly: the result of the commands that change them."""
    apps = {app.key: app for app in snapshot.config.apps}
    return {
        "url": snapshot.config.url,
        "apps": {key: _brief(snapshot, apps[key]) for key in keys if key in apps},
    }


def _brief(snapshot: Snapshot, app: App) -> Document:
    def brief(unit: str) -> Document:
        state = snapshot.state(unit)
        return {"state": state.value, "error": snapshot.error(unit), "log": _log(snapshot, unit)}

    services = {service.name: brief(unit_name(app.key, service.name)) for service in app.services}
    return {**brief(unit_name(app.key)), "services": services}


def _app(snapshot: Snapshot, app: App, measure: Measure) -> Document:
    unit = unit_name(app.key)
    return {
        **_unit(snapshot, unit, app.port, measure),
        "name": app.name,
        "url": snapshot.config.url.rstrip("/") + app.path,
        "path": app.path,
        "dir": str(app.dir),
        "description": app.description,
        "icon": app.icon,
        "tags": list(app.tags),
        "generation": snapshot.wishes[unit].generation if unit in snapshot.wishes else 0,
        "services": {
            service.name: _service(snapshot, app, service, measure) for service in app.services
        },
    }


def _service(snapshot: Snapshot, app: App, service: Service, measure: Measure) -> Document:
    path = f"/app/{app.key}/{service.mount}/" if service.mount else None
    unit = unit_name(app.key, service.name)
    return {**_unit(snapshot, unit, service.port, measure), "path": path}


def _unit(snapshot: Snapshot, unit: str, port: int, measure: Measure) -> Document:
    replicas = snapshot.of(unit)
    return {
        "state": snapshot.state(unit).value,
        "port": port,
        "restarts": sum(replica.restarts for replica in replicas),
        "error": snapshot.error(unit),
        "log": _log(snapshot, unit),
        "last_end": _end(snapshot, unit),
        "instances": [
            _instance(snapshot, replica, replica.instance, measure)
            for replica in replicas
            if replica.instance
        ],
    }


def _log(snapshot: Snapshot, unit: str) -> list[str]:
    return list((snapshot.logs or {}).get(unit, ()))


def _end(snapshot: Snapshot, unit: str) -> Document | None:
    end = snapshot.ends.get(unit)
    if end is None:
        return None
    return {"reason": end.reason, "at": round(snapshot.booted_at + end.at, 3)}


def _instance(
    snapshot: Snapshot, replica: Replica, instance: Instance, measure: Measure
) -> Document:
    until = replica.drains_until
    return {
        "id": instance.id,
        "state": replica.state.value,
        "pid": instance.pid,
        "port": instance.port,
        "generation": replica.generation,
        "started_at": round(instance.started_at, 3),
        "drains_until": None if until is None else round(snapshot.booted_at + until, 3),
        "sessions": instance.sessions,
        "forked": instance.forked,
        "error": instance.error,
        **asdict(measure(instance.pid)),
    }


def _own(snapshot: Snapshot, unit: str, port: int, measure: Measure) -> Document:
    """Return how one of our own processes is doing."""
    found = _unit(snapshot, unit, port, measure)
    instance = found["instances"][0] if found["instances"] else {}
    return {
        "state": found["state"],
        "pid": instance.get("pid"),
        "port": port,
        "restarts": found["restarts"],
        "error": found["error"],
        "started_at": instance.get("started_at"),
        "rss_bytes": instance.get("rss_bytes"),
        "cpu_percent": instance.get("cpu_percent"),
    }

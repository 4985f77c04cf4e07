"""What should run: the configuration, and what the operator wished since."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from streamlit_controls import configuration
from streamlit_controls.core.config import App, Config
from streamlit_controls.core.errors import ConfigError, LaunchError, Problem, UnknownApp
from streamlit_controls.core.names import suggestion
from streamlit_controls.core.plan import Wish
from streamlit_controls.core.unit import Unit, units
from streamlit_controls.manager import loader
from streamlit_controls.manager.store import Memory
from streamlit_controls.project import Project

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Changes:
    """What a refresh found."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


class Desired:
    """The wishes for every unit; commands change them and nothing else."""

    def __init__(
        self,
        project: Project,
        memory: Memory | None,
        listen: Callable[[int, str], object] = lambda port, host: None,  # noqa: ARG005
    ) -> None:
        """Read what should run; `listen` opens a port, or raises LaunchError."""
        self._project = project
        self._listen = listen
        self._stopped: set[str] = set(memory.stopped) if memory else set()
        self._generations: dict[str, int] = dict(memory.generations) if memory else {}
        self._slept: dict[str, float] = {}
        self.problems: tuple[Problem, ...] = ()
        self.leaving = False
        try:
            loaded = loader.load(project)
            self.problems = loaded.problems
            self.config: Config = loaded.config
            self.document: Mapping[str, Any] = loaded.document
        except ConfigError as error:
            if memory is None:
                raise
            log.error("config.json is not in order: going on with the last good one")
            self.problems = error.problems
            self.config = configuration.interpret(project, memory.document)
            self.document = memory.document
        self.units: dict[str, Unit] = units(self.config, project.root)
        if memory is not None:
            self._renew_edited(memory.document)

    def wishes(self) -> dict[str, Wish]:
        """Return the wish for each unit."""
        return {unit.name: self._wish(unit) for unit in self.units.values()}

    def memory(self) -> Memory:
        """Return what a successor needs to wish the same."""
        return Memory(self.document, frozenset(self._stopped), dict(self._generations))

    def app(self, key: str | None) -> App:
        """Return an app by its key; raise UnknownApp with near matches."""
        apps = {app.key: app for app in self.config.apps}
        if key in apps:
            return apps[key]
        known = ", ".join(sorted(apps)[:12]) or "none"
        hint = suggestion(key or "", apps) or f"there is: {known}"
        raise UnknownApp(f"there is no app {key!r}", hint)

    def start(self, app: App) -> None:
        """Wish that an app runs."""
        self._stopped.discard(app.key)

    def stop(self, app: App) -> None:
        """Wish that an app does not run."""
        self._stopped.add(app.key)

    def sleep(self, app: App, now: float) -> None:
        """Wish that what runs of an app sleeps; `now` is in seconds since boot."""
        self._slept |= {unit.name: now for unit in self.units.values() if unit.app == app.key}

    def renew(self, app: App) -> None:
        """Wish that an app, and its services, run anew: another generation."""
        self._stopped.discard(app.key)
        for unit in self.units.values():
            if unit.app == app.key:
                self._raise(unit.name)

    def renew_own(self, units: Iterable[str]) -> None:
        """Wish that the site or the gateway run anew."""
        for unit in units:
            self._raise(unit)

    def is_stopped(self, app: App) -> bool:
        """Tell whether the operator stopped an app."""
        return app.key in self._stopped

    def generation(self, unit: str) -> int:
        """Return which generation of a unit is wished."""
        return self._generations.get(unit, 1)

    def leave(self) -> None:
        """Wish that nothing runs any more."""
        self.leaving = True

    def refresh(self) -> Changes:
        """Read the configuration anew; what is not in order leaves the old one in force.

        Raises ConfigError, whose problems stay on show until a later refresh finds none.
        """
        try:
            loaded = loader.load(self._project)
            self._refuse_moving(loaded.config)
            self._reserve_port(loaded.config)
        except ConfigError as error:
            self.problems = error.problems
            raise
        problems = list(loaded.problems)
        config = self._keep_good_manifests(loaded.config, problems)
        self.problems = tuple(problems)
        old, before = self.units, {app.key for app in self.config.apps}
        self.config, self.document = config, loaded.document
        self.units = units(config, self._project.root)
        for name, unit in self.units.items():
            if name in old and old[name] != unit:
                self._raise(name)
        now = {app.key for app in config.apps}
        changed = {
            unit.app
            for name, unit in self.units.items()
            if name in old and old[name] != unit and unit.app
        }
        return Changes(
            added=tuple(sorted(now - before)),
            removed=tuple(sorted(before - now)),
            changed=tuple(sorted(changed)),
        )

    def _renew_edited(self, document: Mapping[str, Any]) -> None:
        """Wish anew what was edited since the manager before this one read it."""
        try:
            before = units(configuration.interpret(self._project, document), self._project.root)
        except ConfigError:
            return  # a manifest brought it out of order: what runs, runs on
        for name, unit in self.units.items():
            if name in before and before[name] != unit:
                self._raise(name)

    def _wish(self, unit: Unit) -> Wish:
        off = self.leaving or unit.app in self._stopped
        return Wish(
            replicas=0 if off else unit.replicas,
            generation=self.generation(unit.name),
            overlap=unit.overlaps,
            # The site answers first, also where many apps want the processor at once.
            first=unit.app is None,
            drain_timeout=unit.drain_timeout if unit.overlaps else 0,
            idle_timeout=unit.idle_timeout if unit.can_sleep else 0,
            idle_tab_timeout=unit.idle_tab_timeout,
            sleep_before=self._slept.get(unit.name, 0.0) if unit.can_sleep else 0.0,
        )

    def _raise(self, unit: str) -> None:
        self._generations[unit] = self.generation(unit) + 1

    def _refuse_moving(self, config: Config) -> None:
        if config.manager_port != self.config.manager_port:
            message = f"cannot change from {self.config.manager_port} while the manager runs"
            raise ConfigError([Problem("manager_port", message, "stop first, then start")])

    def _reserve_port(self, config: Config) -> None:
        """Have the website's new port before the old one is given up."""
        if config.website_port != self.config.website_port:
            try:
                self._listen(config.website_port, config.host)
            except LaunchError as error:
                raise ConfigError([Problem("website_port", error.message, error.hint)]) from error

    def _keep_good_manifests(self, config: Config, problems: list[Problem]) -> Config:
        """Return the configuration in which a manifest that was good and is broken now counts as
        it was; its problems are added to those on show."""
        good = {app.key: app for app in self.config.apps if not app.problems}
        apps = []
        for app in config.apps:
            if app.problems and app.key in good:
                problems.extend(
                    replace(each, path=f"{app.key}/{each.path}") for each in app.problems
                )
                app = good[app.key]
            apps.append(app)
        return replace(config, apps=tuple(apps))

"""What should run: the configuration, and what the operator wished since."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from streamlit_controls import configuration
from streamlit_controls.core.config import App, Config
from streamlit_controls.core.errors import ConfigError, LaunchError, Problem, UnknownApp
from streamlit_controls.core.names import suggestion
from streamlit_controls.core.parse import Manifest
from streamlit_controls.core.plan import Wish
from streamlit_controls.core.unit import Unit, units
from streamlit_controls.manager import loader
from streamlit_controls.manager.edition import Edition
from streamlit_controls.manager.store import Memory
from streamlit_controls.project import Project

WAS_BROKEN = Problem("app.toml", "was not in order when it was read last")

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
        self.units: dict[str, Unit] = {}
        self._refused: tuple[Config | None, tuple[Problem, ...]] = (None, ())
        if memory is None:
            found = loader.load(project)
            self.problems = found.problems
            self._put_in_force(found)
            return
        self._put_in_force(remembered(project, memory))
        try:
            self.refresh()
        except ConfigError:
            log.error("config.json is not in order: going on with the last good one")

    def wishes(self) -> dict[str, Wish]:
        """Return the wish for each unit."""
        return {unit.name: self._wish(unit) for unit in self.units.values()}

    def memory(self) -> Memory:
        """Return what a successor needs to wish the same."""
        return Memory(
            self._edition.document,
            self._edition.said,
            frozenset(self._stopped),
            dict(self._generations),
        )

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
        """Wish that an app, and its services, run anew: another generation.

        What its manifest says now counts, if that is in order and moves no other app.
        """
        self._stopped.discard(app.key)
        self._put_in_force(self._edition.with_manifest(self._project, app.key))
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
        found = None
        try:
            found = loader.load(self._project, first=False)
            self._refuse_moving(found.config)
            self._reserve_port(found.config)
        except ConfigError as error:
            self.problems = error.problems
            self._refused = found.config if found else None, error.problems
            raise
        self._refused = None, ()
        found = found.keeping(self._edition)
        self.problems = found.problems
        return self._put_in_force(found)

    def compare(self, found: Edition) -> tuple[Problem, ...]:
        """Return what is wrong with what is on disk, and what of it is not in force yet."""
        refused, problems = self._refused
        if found.config == refused:
            return problems
        try:
            self._refuse_moving(found.config)
        except ConfigError as error:
            return error.problems
        found = found.keeping(self._edition)
        return (*found.problems, *found.not_in(self._edition))

    def try_anew(self, failed: Iterable[str]) -> None:
        """Wish units anew that have failed and whose folders were edited since.

        What their manifests say now counts, and nothing else that was edited.
        """
        for name in failed:
            unit, generation = self.units.get(name), self.generation(name)
            if unit is not None and unit.app is not None:
                self._put_in_force(self._edition.with_manifest(self._project, unit.app))
            if name in self.units and self.generation(name) == generation:
                self._raise(name)

    def _put_in_force(self, edition: Edition) -> Changes:
        """Go by an edition from now on; wish anew what differs of what runs."""
        old, before = self.units, {unit.app for unit in self.units.values() if unit.app}
        self._edition, self.config = edition, edition.config
        self.units = units(edition.config, self._project.root)
        changed = [
            unit for unit in self.units.values() if unit.name in old and old[unit.name] != unit
        ]
        for unit in changed:
            self._raise(unit.name)
        now = {app.key for app in edition.config.apps}
        return Changes(
            added=tuple(sorted(now - before)),
            removed=tuple(sorted(before - now)),
            changed=tuple(sorted({unit.app for unit in changed if unit.app})),
        )

    def _wish(self, unit: Unit) -> Wish:
        off = self.leaving or unit.app in self._stopped
        return Wish(
            replicas=0 if off else unit.replicas,
            generation=self.generation(unit.name),
            overlap=unit.overlaps,
            together=unit.shares_socket and unit.replicas > 1,
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


def remembered(project: Project, memory: Memory) -> Edition:
    """Return what was in force for the manager before this one; raise ConfigError where it cannot.

    Manifests that were not in order then are read anew, unless they do not go with the others now.
    """
    good = {key: Manifest(said) for key, said in memory.manifests.items()}
    now = configuration.manifests(project, memory.document)
    try:
        return Edition.of(project, memory.document, now | good)
    except ConfigError:
        broken = dict.fromkeys(now, Manifest(problem=WAS_BROKEN))
        return Edition.of(project, memory.document, broken | good)

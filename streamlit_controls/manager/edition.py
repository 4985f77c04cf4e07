"""A configuration as it was read: compared with the one that is in force."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from streamlit_controls import configuration
from streamlit_controls.core import parse
from streamlit_controls.core.config import App, Config
from streamlit_controls.core.errors import ConfigError, Problem
from streamlit_controls.core.parse import Manifest
from streamlit_controls.project import Project

REFRESH = "./streamlit_controller refresh takes it up"


@dataclass(frozen=True)
class Edition:
    """What config.json and the manifests said when they were read, and what was noticed then."""

    config: Config
    document: Mapping[str, Any]
    manifests: Mapping[str, Manifest]
    added: tuple[str, ...] = ()
    """Apps that config.json did not know yet."""
    problems: tuple[Problem, ...] = ()

    @classmethod
    def of(
        cls, project: Project, document: Mapping[str, Any], manifests: Mapping[str, Manifest]
    ) -> "Edition":
        """Return the edition of a document; raise ConfigError where it is not in order."""
        return cls(parse.parse(document, manifests, project.root), document, manifests)

    @property
    def said(self) -> Mapping[str, Mapping[str, Any]]:
        """What the manifests that are in order say, by app."""
        return {app.key: self.manifests[app.key].document for app in self._good()}

    def keeping(self, before: "Edition") -> "Edition":
        """Return the edition with each app whose manifest was good, and is broken now, as it was.

        What is wrong with those manifests is added to the problems.
        """
        good = {app.key: app for app in before._good()}
        broken = [app for app in self.config.apps if app.problems and app.key in good]
        kept = {app.key: good[app.key] for app in broken}
        apps = tuple(kept.get(app.key, app) for app in self.config.apps)
        found = [replace(it, path=f"{app.key}/{it.path}") for app in broken for it in app.problems]
        return replace(
            self,
            config=replace(self.config, apps=apps),
            manifests={**self.manifests, **{key: before.manifests[key] for key in kept}},
            problems=(*self.problems, *found),
        )

    def with_manifest(self, project: Project, key: str) -> "Edition":
        """Return the edition with one app's manifest as it is now, where that moves no other app.

        What collides with others, or is broken, changes nothing.
        """
        manifest = configuration.manifest(project, self.document, key)
        try:
            after = Edition.of(project, self.document, {**self.manifests, key: manifest})
        except ConfigError:
            return self
        others = [app for app in self.config.apps if app.key != key]
        if others != [app for app in after.config.apps if app.key != key]:
            return self
        return after.keeping(self)

    def not_in(self, force: "Edition") -> tuple[Problem, ...]:
        """Return what differs from the edition that is in force, which a refresh would change."""
        if self.config == force.config:
            missing = ", ".join(self.added)
            return (Problem("", f"does not have {missing} yet", REFRESH),) if missing else ()
        if self.document != force.document:
            return (_edited(""),)
        before = force.manifests
        return tuple(
            _edited(f"{key}/app.toml") for key, it in self.manifests.items() if it != before[key]
        )

    def _good(self) -> list[App]:
        return [app for app in self.config.apps if not app.problems]


def _edited(path: str) -> Problem:
    return Problem(path, "was edited, and is not in force yet", REFRESH)

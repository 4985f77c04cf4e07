"""The directory of all apps, made once per snapshot."""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from flask import current_app

from streamlit_controls.core.names import RESERVED_SEGMENTS
from streamlit_site.apps import App, Service, fold


class SnapshotSource(Protocol):
    """Whoever knows the last status document."""

    def current(self) -> Mapping[str, Any] | None: ...


class NoSnapshotYet(Exception):
    """The manager has not been heard of since the site started."""


class Directory:
    """All apps of one snapshot: by key, by path, by words."""

    def __init__(self, snapshot: Mapping[str, Any], root: Path) -> None:
        statuses: Mapping[str, Mapping[str, Any]] = snapshot.get("apps") or {}
        self.apps = {key: App.parse(key, status, root) for key, status in statuses.items()}
        self._by_path = {
            app.path: app
            for app in reversed(self.apps.values())
            if app.path.split("/")[1] not in RESERVED_SEGMENTS
        }

    def same_as(self, other: "Directory") -> bool:
        return list(self.apps.values()) == list(other.apps.values())

    def find(self, path: str) -> App | None:
        """Return the app whose page, or a page below it, is at a path: the longest match wins."""
        segments = path.strip("/").split("/")
        for count in range(len(segments), 0, -1):
            app = self._by_path.get("/" + "/".join(segments[:count]) + "/")
            if app is not None:
                return app
        return None

    def service(self, app: App, path: str) -> Service | None:
        """Return the app's service that is mounted at a path or above it."""
        mounted = (service for service in app.services if service.path)
        matching = [one for one in mounted if f"{path}/".startswith(one.path or "")]
        return max(matching, key=lambda one: len(one.path or ""), default=None)

    def near(self, text: str) -> tuple[App, ...]:
        """Return the apps whose key, path or name looks like a text, best first."""
        names: dict[str, App] = {}
        for app in self.apps.values():
            for name in (app.key, app.path.strip("/"), app.name):
                if name:
                    names.setdefault(fold(name), app)
        wanted = fold(text.strip("/").split("/")[0])[:100]
        close = difflib.get_close_matches(wanted, names, n=6, cutoff=0.6)
        return tuple(dict.fromkeys(names[name] for name in close))[:3]

    def matching(self, query: str, tag: str) -> frozenset[str]:
        """Return the keys of the apps that have all words of a query, and the tag if any."""
        words = fold(query).split()
        return frozenset(
            app.key
            for app in self.apps.values()
            if all(word in app.haystack for word in words) and (not tag or tag in app.tags)
        )

    def tags(self) -> Iterable[tuple[str, int]]:
        """Return all tags with the number of their apps, the most used first."""
        counts = Counter(tag for app in self.apps.values() for tag in app.tags)
        return sorted(counts.items(), key=lambda item: (-item[1], fold(item[0])))


class Directories:
    """Keeps the directory of the last snapshot, so that a request parses nothing again."""

    def __init__(self, snapshots: SnapshotSource, root: Path) -> None:
        self._snapshots = snapshots
        self._root = root
        self._last: tuple[Mapping[str, Any], Directory] | None = None

    def current(self) -> Directory:
        snapshot = self._snapshots.current()
        if snapshot is None:
            raise NoSnapshotYet
        last = self._last
        if last is not None and last[0] is snapshot:
            return last[1]
        fresh = Directory(snapshot, self._root)
        # Most snapshots differ in what visitors do not see; pages made of the last one stay good.
        if last is not None and last[1].same_as(fresh):
            fresh = last[1]
        self._last = (snapshot, fresh)
        return fresh


def directory() -> Directory:
    """Return the directory for this request; raise NoSnapshotYet where there is none."""
    directories: Directories = current_app.extensions["directories"]
    return directories.current()

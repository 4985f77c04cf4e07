"""What the site knows of one app: the public part of its status, parsed once."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from streamlit_controls.core.lifecycle import State
from streamlit_site.icons import Icon
from streamlit_site.reasons import public
from streamlit_site.states import Words, words


@dataclass(frozen=True)
class Service:
    """A companion process of an app, as far as visitors may know it."""

    name: str
    state: str
    path: str | None
    error: str | None

    @property
    def words(self) -> Words:
        return words(self.state)


@dataclass(frozen=True)
class Instance:
    """One process of an app, by the id in its address."""

    id: str
    draining: bool
    """Whether it takes no new visitors and is about to end."""
    drains_until: float | None
    """Until when it stays for its open tabs, in seconds since 1970; None where it does not."""

    @classmethod
    def parse(cls, status: Mapping[str, Any]) -> Self:
        until = status.get("drains_until")
        return cls(
            id=str(status["id"]),
            draining=status.get("state") == State.DRAINING,
            drains_until=until if isinstance(until, (int, float)) else None,
        )


@dataclass(frozen=True)
class App:
    """One app as visitors see it."""

    key: str
    name: str
    path: str
    """Its page in the site, with a slash at both ends: "/sales/"."""
    description: str
    tags: tuple[str, ...]
    icon: Icon
    state: str
    error: str | None
    instances: tuple[Instance, ...]
    services: tuple[Service, ...]

    @classmethod
    def parse(cls, key: str, status: Mapping[str, Any], root: Path) -> Self:
        """Read one app of the status document; `root` is the project's folder."""
        name = str(status.get("name") or key)
        folder = root / str(status.get("dir") or f"apps/{key}")
        return cls(
            key=key,
            name=name,
            path=_path(str(status.get("path") or key)),
            description=str(status.get("description") or ""),
            tags=tuple(dict.fromkeys(str(tag) for tag in status.get("tags") or ())),
            icon=Icon.parse(status.get("icon"), name=name, key=key, folder=folder),
            state=str(status.get("state") or "stopped"),
            error=_reason(status.get("error")),
            instances=tuple(Instance.parse(one) for one in status.get("instances") or ()),
            services=tuple(
                Service(
                    name=service,
                    state=str(its.get("state") or "stopped"),
                    path=_path(its["path"]) if its.get("path") else None,
                    error=_reason(its.get("error")),
                )
                for service, its in (status.get("services") or {}).items()
            ),
        )

    @property
    def words(self) -> Words:
        return words(self.state)

    @property
    def headline(self) -> str:
        return self.words.headline.format(name=self.name)

    @property
    def signature(self) -> str:
        """All that changes what a waiting page says; static/waiting.js makes the same."""
        return "|".join((self.state, self.error or "", *(one.state for one in self.services)))

    @cached_property
    def haystack(self) -> str:
        """All that a search looks through, folded."""
        return fold(" ".join((self.name, self.key, self.description, *self.tags)))


def fold(text: str) -> str:
    """Return text without case and accents; static/catalogue.js does the same."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


def _path(text: str) -> str:
    inner = text.strip("/")
    return f"/{inner}/" if inner else "/"


def _reason(value: object) -> str | None:
    return public(str(value)) if value else None

"""Folders in which the gateway finds its way, by the names of the files in them."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from streamlit_controls.manager.reserve import Reserve


class Signposts:
    """Says at each place of a folder one thing, by the name of the one file that is there.

    To say another is to rename it: a reader finds the old or the new, and no disk is too full.
    """

    def __init__(self, folder: Path, reserve: Reserve) -> None:
        self._folder = folder
        self._reserve = reserve
        self._said: dict[str, str] | None = None

    def say(self, wanted: Mapping[str, str]) -> Iterator[OSError]:
        """Say at each place what is wanted there, and nothing anywhere else; yield what fails."""
        if self._said is None:
            self._said = self._found()
        for place, what in wanted.items():
            if self._said.get(place) != what:
                try:
                    self._put(place, what)
                except OSError as error:
                    yield error
        for place in self._said.keys() - wanted.keys():
            try:
                self._take_away(place)
            except OSError as error:
                yield error

    def _put(self, place: str, what: str) -> None:
        assert self._said is not None
        there = self._folder / place
        before = self._said.get(place)
        with contextlib.suppress(FileNotFoundError):
            if before is not None:
                (there / before).rename(there / what)
                self._said[place] = what
                return
        self._reserve.spend(lambda: _touch(there / what))
        self._said[place] = what

    def _take_away(self, place: str) -> None:
        assert self._said is not None
        (self._folder / place / self._said[place]).unlink(missing_ok=True)
        del self._said[place]
        with contextlib.suppress(OSError):  # others are below it
            (self._folder / place).rmdir()

    def _found(self) -> dict[str, str]:
        """Return what an earlier manager said; of two things at one place only one is left."""
        self._folder.mkdir(parents=True, exist_ok=True)
        found: dict[str, str] = {}
        for path in sorted(each for each in self._folder.rglob("*") if not each.is_dir()):
            place = str(path.parent.relative_to(self._folder))
            if place in found or place == ".":
                path.unlink()
            else:
                found[place] = path.name
        return found


def _touch(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()

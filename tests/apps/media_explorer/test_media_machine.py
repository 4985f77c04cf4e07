"""Writing, deleting, restoring and marking in any order, beside a model of what must be there."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from media_error import NameTakenError, UnknownFileError, UnknownTrashError
from media_service import MediaService

from tests.apps.media_explorer.subjects import make_service

SOURCE = "pictures"
NAMES = st.sampled_from(["a.png", "b.png", "Ünï 猫.png"])
WHICH = st.integers(0, 5)


@dataclass
class File:
    """What the model knows of one: a mark goes wherever its file goes."""

    content: bytes
    is_favourite: bool = False


class MediaMachine(RuleBasedStateMachine):
    """Holds the files by name, the deleted ones by id, and the ids that are good no longer."""

    def __init__(self) -> None:
        super().__init__()
        self._root = tempfile.TemporaryDirectory()
        self.folder = Path(self._root.name) / SOURCE
        self.folder.mkdir()
        self.files: dict[str, File] = {}
        self.trashed: dict[str, tuple[str, File]] = {}
        self.spent = ["0" * 16 + "-" + "0" * 8]
        self.written = 0

    def teardown(self) -> None:
        self._root.cleanup()

    @property
    def service(self) -> MediaService:
        """Another one each time, as in several processes: what it is asked it cannot remember."""
        return make_service(self.folder.parent)

    @rule(name=NAMES)
    def write(self, name: str) -> None:
        """Let another program write a file: a new one, or other content for one that is there."""
        self.written += 1
        content = b"%d" % self.written
        (self.folder / name).write_bytes(content)
        self.files.setdefault(name, File(content)).content = content

    @rule(name=NAMES)
    def favourite(self, name: str) -> None:
        if self.is_there(self.service.favourite, name):
            self.files[name].is_favourite = True

    @rule(name=NAMES)
    def unfavourite(self, name: str) -> None:
        if self.is_there(self.service.unfavourite, name):
            self.files[name].is_favourite = False

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        if name not in self.files:
            self.is_there(self.service.delete, name)
            return
        deleted = self.service.delete(SOURCE, name)
        self.trashed[deleted.id] = name, self.files.pop(name)

    @rule(which=WHICH)
    def restore(self, which: int) -> None:
        if not self.trashed:
            return
        trash_id = list(self.trashed)[which % len(self.trashed)]
        name, file = self.trashed[trash_id]
        if name in self.files:
            with pytest.raises(NameTakenError):
                self.service.restore(SOURCE, trash_id)
            return
        assert self.service.restore(SOURCE, trash_id).name == name
        del self.trashed[trash_id]
        self.files[name] = file
        self.spent.append(trash_id)

    @rule(which=WHICH)
    def restore_what_is_not_there(self, which: int) -> None:
        with pytest.raises(UnknownTrashError):
            self.service.restore(SOURCE, self.spent[which % len(self.spent)])

    @rule()
    def empty_trash(self) -> None:
        assert self.service.empty_trash(SOURCE) == len(self.trashed)
        self.spent += self.trashed
        self.trashed.clear()

    @invariant()
    def all_is_told_as_it_is(self) -> None:
        listed = self.service.list_media(SOURCE).items
        told = {item.name: item.favourite for item in listed}
        assert told == {name: file.is_favourite for name, file in self.files.items()}
        trash = [(item.id, item.name) for item in self.service.trash(SOURCE)]
        assert trash == [(each, name) for each, (name, _) in reversed(self.trashed.items())]

    @invariant()
    def nothing_is_lost(self) -> None:
        for name, file in self.files.items():
            assert (self.folder / name).read_bytes() == file.content
        for trash_id, (name, file) in self.trashed.items():
            assert (self.folder / ".trash" / trash_id / name).read_bytes() == file.content

    def is_there(self, question: Callable[[str, str], object], name: str) -> bool:
        """Whether the file is, after the question was answered or refused accordingly."""
        if name in self.files:
            question(SOURCE, name)
            return True
        with pytest.raises(UnknownFileError):
            question(SOURCE, name)
        return False


TestMediaMachine = MediaMachine.TestCase
TestMediaMachine.settings = settings(max_examples=40, stateful_step_count=25)

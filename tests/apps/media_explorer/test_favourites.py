"""Favourites: kept for all processes, deleted with their files, never in the way of reading."""

import subprocess
import sys
from pathlib import Path

import pytest
from favourite_store import FILE, FavouriteStore
from media_error import FavouritesUnavailableError, UnknownFileError
from media_listing import MediaQuery
from media_service import MediaService

from tests.apps.media_explorer.conftest import SERVER, make_picture
from tests.apps.media_explorer.subjects import furnish_all, make_service

ONLY_FAVOURITES = MediaQuery(favourites_flag=True)


@pytest.fixture
def service(tmp_path: Path) -> MediaService:
    furnish_all(tmp_path)
    return make_service(tmp_path)


def favourites(service: MediaService, source: str = "pictures") -> set[str]:
    return {item.name for item in service.list_media(source, ONLY_FAVOURITES).items}


@pytest.mark.parametrize(("source", "name"), [("pictures", "one.png"), ("web", "a.jpg")])
def test_a_mark_is_told_everywhere_until_it_is_taken_away(
    service: MediaService, source: str, name: str
) -> None:
    for _ in range(2):
        assert service.favourite(source, name).favourite
    assert service.find(source, name).favourite
    assert service.place(source, name, ONLY_FAVOURITES).total == 1
    assert favourites(service, source) == {name}
    marked = {item.name for item in service.list_media(source).items if item.favourite}
    assert marked == {name}
    for _ in range(2):
        assert not service.unfavourite(source, name).favourite
    assert favourites(service, source) == set()


def test_an_opened_file_tells_its_mark_too(service: MediaService) -> None:
    service.favourite("pictures", "one.png")
    media = service.open("pictures", "one.png")
    media.stream.close()
    assert media.item.favourite


def test_only_what_is_shown_can_be_marked(service: MediaService) -> None:
    for name in ("nothing.png", "notes.txt", "../secret.png", ".hidden.png", "\udcff.png"):
        for ask in (service.favourite, service.unfavourite):
            with pytest.raises(UnknownFileError):
                ask("pictures", name)


def test_marks_are_kept_and_are_of_one_source(service: MediaService, tmp_path: Path) -> None:
    service.favourite("pictures", "TWO.JPG")
    assert favourites(make_service(tmp_path)) == {"TWO.JPG"}
    assert favourites(service, "two") == set()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_a_mark_goes_into_the_trash_and_comes_back(service: MediaService, tmp_path: Path) -> None:
    service.favourite("pictures", "one.png")
    deleted = service.delete("pictures", "one.png")
    make_picture(tmp_path / "pictures" / "one.png", (5, 5))
    assert favourites(service) == set()
    (tmp_path / "pictures" / "one.png").unlink()
    assert service.restore("pictures", deleted.id).favourite
    assert favourites(service) == {"one.png"}


def test_emptying_the_trash_forgets_its_marks(service: MediaService, tmp_path: Path) -> None:
    service.favourite("pictures", "one.png")
    service.delete("pictures", "one.png")
    service.delete("pictures", "film.mp4")
    assert service.empty_trash("pictures") == 2
    assert FavouriteStore(tmp_path / "data").names("pictures") == frozenset()


def broken(root: Path, how: str) -> None:
    """Make the data folder one that works for nobody, root neither."""
    if how == "no folder":
        (root / "data").touch()
    elif how == "no database":
        (root / "data").mkdir()
        (root / "data" / FILE).write_bytes(b"no database" * 100)
    else:
        (root / "data" / FILE).mkdir(parents=True)


@pytest.mark.parametrize("how", ["no folder", "no database", "a folder"])
def test_without_a_data_folder_media_are_shown_and_can_be_deleted(
    service: MediaService, tmp_path: Path, how: str
) -> None:
    broken(tmp_path, how)
    for ask in (service.favourite, service.unfavourite):
        with pytest.raises(FavouritesUnavailableError) as caught:
            ask("pictures", "one.png")
        assert str(tmp_path) not in caught.value.message + caught.value.hint
    assert not service.find("pictures", "one.png").favourite
    assert service.list_media("pictures").total == 4
    assert favourites(service) == set()
    deleted = service.delete("pictures", "one.png")
    assert service.restore("pictures", deleted.id).name == "one.png"


def test_reading_makes_no_file(service: MediaService, tmp_path: Path) -> None:
    service.list_media("pictures")
    service.delete("pictures", "one.png")
    assert not (tmp_path / "data").exists()


def test_several_processes_may_write_at_once(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from favourite_store import FavouriteStore\n"
        "store = FavouriteStore(Path(sys.argv[1]))\n"
        "for number in range(40): store.add('s', f'{sys.argv[2]} {number}')\n"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "data"), str(index)], cwd=SERVER
        )
        for index in range(3)
    ]
    assert [writer.wait(timeout=30) for writer in writers] == [0, 0, 0]
    expected = {f"{index} {number}" for index in range(3) for number in range(40)}
    assert FavouriteStore(tmp_path / "data").names("s") == expected

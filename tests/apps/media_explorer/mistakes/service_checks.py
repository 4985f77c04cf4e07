"""What a media service must not do, one mistake each."""

import contextlib
from pathlib import Path

from tests.apps.media_explorer.conftest import SECRET, VISIBLE
from tests.apps.media_explorer.mistakes.subject import Subject


def refuses(subject: Subject, *names: str, source: str = "pictures") -> None:
    for name in names:
        assert subject.service.read(source, name) is None, name


def no_name_leads_up(subject: Subject) -> None:
    refuses(subject, "../secret.txt", "../secret.png", "../pictures/one.png", "./one.png")


def no_name_is_a_path(subject: Subject) -> None:
    refuses(subject, "folder.png/inner.png", "/etc/passwd")
    refuses(subject, str(subject.root / "secret.png"), str(subject.root / "pictures" / "one.png"))


def no_backslash_leads_up(subject: Subject) -> None:
    refuses(subject, "..\\secret.png", "..\\secret.txt", "C:\\one.png")


def no_link_leads_out(subject: Subject) -> None:
    refuses(subject, "out.png")


def no_link_disguises_another_type(subject: Subject) -> None:
    refuses(subject, "disguised.png")


def no_type_is_a_part_of_a_name(subject: Subject) -> None:
    assert subject.service.names("pictures", "jpgnotes") == []


def no_type_is_missed_for_its_case(subject: Subject) -> None:
    assert subject.service.names("pictures", "TWO") == ["TWO.JPG"]


def no_folder_is_a_file(subject: Subject) -> None:
    assert subject.service.names("pictures", "folder") == []


def no_type_is_had_by_name_only(subject: Subject) -> None:
    refuses(subject, "notes.txt", "jpgnotes.txt", "png", ".hidden.png")


def no_filter_is_passed_round_by_name(subject: Subject) -> None:
    assert subject.service.read("two", "TWO.JPG")
    refuses(subject, "one.png", source="two")


def no_default_stands_in_for_an_empty_filter(subject: Subject) -> None:
    assert set(subject.service.names("pictures", "")) == VISIBLE


def no_folder_depends_on_the_working_directory(subject: Subject) -> None:
    with contextlib.chdir(Path("/")):
        content = subject.service.read("pictures", "one.png")
    assert content
    assert content != SECRET


def no_links_are_left_unsorted(subject: Subject) -> None:
    assert subject.service.names("web") == ["a.jpg", "b.jpg"]


CHECKS = (
    no_name_leads_up,
    no_name_is_a_path,
    no_backslash_leads_up,
    no_link_leads_out,
    no_link_disguises_another_type,
    no_type_is_a_part_of_a_name,
    no_type_is_missed_for_its_case,
    no_folder_is_a_file,
    no_type_is_had_by_name_only,
    no_filter_is_passed_round_by_name,
    no_default_stands_in_for_an_empty_filter,
    no_folder_depends_on_the_working_directory,
    no_links_are_left_unsorted,
)

"""The media service's configuration: what is accepted, and what is said about the rest."""

from pathlib import Path

import pytest
from media_config import CONFIG_FILE, EXAMPLE_FILE, ServiceConfig
from media_error import MediaConfigError

from tests.apps.media_explorer.conftest import SERVER

GOOD = {"MEDIA_TYPES": ["png"], "MEDIA_SOURCES": {"a": {"media_folder": "x"}}}


def parse(**changes: object) -> ServiceConfig:
    return ServiceConfig.parse({**GOOD, **changes}, base=Path("/base"))


def test_reads_types_and_sources_in_order() -> None:
    config = parse(
        THUMBNAIL_CACHE_BYTES=10,
        MEDIA_TYPES=[".JPG", "png"],
        MEDIA_SOURCES={
            "z": {"media_folder": "x", "media_filter": ""},
            "a": {"media_links": ["http://e.org/1", "http://e.org/1"], "media_filter": "k"},
        },
    )
    assert config.media_types == {"jpg", "png"}
    assert config.thumbnail_cache_bytes == 10
    first, second = config.sources
    assert (first.name, first.folder, first.media_filter) == ("z", Path("/base/x"), "")
    assert (second.name, second.folder, second.links) == ("a", None, ("http://e.org/1",))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"MEDIA_TYPES": []}, "MEDIA_TYPES must be a list"),
        ({"MEDIA_TYPES": "png"}, "MEDIA_TYPES must be a list"),
        ({"MEDIA_TYPES": ["png", "exe"]}, "'exe'"),
        ({"MEDIA_TYPES": [3]}, "3"),
        ({"MEDIA_SOURCES": {}}, "At least one"),
        ({"SOURCES": 1}, "SOURCES is not a setting"),
        ({"THUMBNAIL_CACHE_BYTES": -1}, "THUMBNAIL_CACHE_BYTES"),
        ({"THUMBNAIL_CACHE_BYTES": True}, "THUMBNAIL_CACHE_BYTES"),
        ({"MEDIA_SOURCES": {"x" * 256: {"media_folder": "x"}}}, "at most 255"),
        ({"MEDIA_SOURCES": {"sea": {}}}, "'sea': exactly one"),
        ({"MEDIA_SOURCES": {"sea": {"media_folder": "x", "media_links": []}}}, "'sea': exactly"),
        ({"MEDIA_SOURCES": {"sea": {"media_folder": 3}}}, "'sea': media_folder"),
        ({"MEDIA_SOURCES": {"sea": {"media_folder": "x", "filter": "y"}}}, "'sea': filter"),
        ({"MEDIA_SOURCES": {"sea": {"media_folder": "x", "media_filter": 1}}}, "media_filter"),
        ({"MEDIA_SOURCES": {"sea": {"media_links": "http://e.org"}}}, "must be a list of links"),
        ({"MEDIA_SOURCES": {"sea": {"media_links": ["javascript:alert(1)"]}}}, "javascript"),
        ({"MEDIA_SOURCES": {"sea": {"media_links": ["file:///etc/passwd"]}}}, "file:"),
        ({"MEDIA_SOURCES": {"sea": {"media_links": ["http://u:p@e.org/"]}}}, "http://u:p"),
        ({"MEDIA_SOURCES": {"sea": {"media_links": ["http://[bad/"]}}}, "http://[bad"),
        ({"MEDIA_SOURCES": {"a/b": {"media_folder": "x"}}}, "'a/b'"),
        ({"MEDIA_SOURCES": {"..": {"media_folder": "x"}}}, "'..'"),
        ({"MEDIA_SOURCES": {"sea": "x"}}, "'sea': a table"),
    ],
)
def test_a_problem_is_named(changes: dict[str, object], said: str) -> None:
    with pytest.raises(MediaConfigError) as caught:
        parse(**changes)
    assert said in caught.value.message


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(MediaConfigError) as caught:
        parse(MEDIA_TYPES=["exe"], MEDIA_SOURCES={"one": {}, "two": {"media_folder": ""}})
    assert all(word in caught.value.message for word in ("exe", "'one'", "'two'"))


def test_own_file_wins_over_the_example(tmp_path: Path) -> None:
    text = 'MEDIA_TYPES = ["png"]\n[MEDIA_SOURCES.%s]\nmedia_folder = "x"\n'
    (tmp_path / EXAMPLE_FILE).write_text(text % "example", encoding="utf-8")
    assert ServiceConfig.load(tmp_path).sources[0].name == "example"
    (tmp_path / CONFIG_FILE).write_text(text % "own", encoding="utf-8")
    assert ServiceConfig.load(tmp_path).sources[0].name == "own"


def test_the_example_leads_to_the_sample_media() -> None:
    folders = [source.folder for source in ServiceConfig.load(SERVER).sources]
    assert len(folders) == 2
    assert all(folder and any(folder.iterdir()) for folder in folders)


@pytest.mark.parametrize("content", [b"MEDIA_TYPES = [", b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_one_message_without_its_path(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / CONFIG_FILE).write_bytes(content)
    with pytest.raises(MediaConfigError) as caught:
        ServiceConfig.load(tmp_path)
    assert CONFIG_FILE in caught.value.message
    assert str(tmp_path) not in caught.value.message

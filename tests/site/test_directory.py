"""The directory: which app a path, a word or a mistyped name means."""

from pathlib import Path

import pytest

from streamlit_site.apps import fold
from streamlit_site.directory import Directories, Directory, NoSnapshotYet
from tests.site.statuses import Fixed, app_status, document, service_status

ROOT = Path("/nonexistent-project")

DIRECTORY = Directory(
    document(
        team=app_status(name="Team", path="/team/"),
        deep=app_status(name="Deep", path="team/deep"),
        Media_1=app_status(name="Médiathèque", path="/media/"),
        taken=app_status(name="Taken", path="/team/"),
        rogue=app_status(name="Rogue", path="/api/rogue/"),
        home=app_status(name="Home", path="/"),
    ),
    ROOT,
)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("team", "team"),
        ("/team/", "team"),
        ("team/x/y", "team"),
        ("team/deep", "deep"),
        ("team/deep/x", "deep"),
        ("teams", None),
        ("", None),
        ("api/rogue", None),
        ("media/", "Media_1"),
        ("Media_1/", None),
    ],
)
def test_paths(path: str, key: str | None) -> None:
    app = DIRECTORY.find(path)
    assert (app.key if app else None) == key


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("taem", ["team"]),
        ("TEAM", ["team"]),
        ("mediateque", ["Media_1"]),
        ("media-1", ["Media_1"]),
        ("qqqq", []),
        ("", []),
        ("x" * 100_000, []),
    ],
)
def test_near_matches(text: str, keys: list[str]) -> None:
    assert [app.key for app in DIRECTORY.near(text)][:1] == keys


def test_the_most_used_tags_come_first() -> None:
    directory = Directory(
        document(a=app_status(tags=["z", "b"]), b=app_status(tags=["z"]), c=app_status(tags=["A"])),
        ROOT,
    )
    assert list(directory.tags()) == [("z", 2), ("A", 1), ("b", 1)]


def test_the_innermost_mount_wins() -> None:
    services = {
        "outer": service_status(path="/app/demo/api/"),
        "inner": service_status(path="/app/demo/api/v2/"),
        "hidden": service_status(path=None),
    }
    directory = Directory(document(demo=app_status(services=services)), ROOT)
    app = directory.apps["demo"]
    found = [directory.service(app, f"/app/demo/{path}") for path in ("api", "api/v2/x", "~a/api")]
    assert [service.name if service else None for service in found] == ["outer", "inner", None]


@pytest.mark.parametrize(
    ("text", "folded"), [("Éa ÑB", "ea nb"), ("ﬁne", "fine"), ("İ", "i"), ("", "")]
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_directory_is_made_once_and_kept_while_nothing_public_changes() -> None:
    source = Fixed()
    directories = Directories(source, ROOT)
    with pytest.raises(NoSnapshotYet):
        directories.current()
    source.snapshot = document(demo=app_status(), other=app_status())
    first = directories.current()
    assert directories.current() is first
    source.change("demo", restarts=5, log=["more"])
    assert directories.current() is first
    drains = [{"id": "abcd", "state": "draining", "drains_until": 1795234440.5}]
    for public in ({"instances": drains}, {"state": "failed"}):
        last = directories.current()
        source.change("demo", **public)
        assert directories.current() is not last
    apps = source.snapshot["apps"]
    source.snapshot = document(other=apps["other"], demo=apps["demo"])
    assert list(directories.current().apps) == ["other", "demo"]

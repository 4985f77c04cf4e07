"""What a media server must not do, one mistake each."""

from collections.abc import Iterator

from tests.apps.media_explorer.asgi import ask
from tests.apps.media_explorer.conftest import SECRET
from tests.apps.media_explorer.mistakes.subject import Subject

HIDDEN = (
    *("../secret.txt", "..%2fsecret.txt", "..%2Fsecret.png", "..%5csecret.png", "..%5Csecret.png"),
    *("%2e%2e%2fsecret.png", "%2e%2e/secret.png", "%252e%252e%252fsecret.png"),
    *("..%c0%afsecret.png", "%2fetc%2fpasswd", "/etc/passwd", "/%2fetc/passwd"),
    *("folder.png/inner.png", "folder.png%2finner.png", "out.png", "disguised.png"),
    *("one.png%00", "one.png%00.txt", ".hidden.png", "notes.txt", "jpgnotes.txt"),
    *("..", ".", "%2e%2e", "\xff.png", "%ff.png"),
)


def readable(subject: Subject, file: str) -> Iterator[str]:
    """What can be asked with GET about one file."""
    for path, methods in subject.app.openapi()["paths"].items():
        if "get" in methods and "{file}" in path:
            yield path.format(source="pictures", file=file)


def no_path_leaves_the_folder(subject: Subject) -> None:
    for name in HIDDEN:
        for path in readable(subject, name):
            answer = ask(subject.app, path)
            assert answer.status == 404, path
            assert SECRET not in answer.body, path


def no_unknown_source_is_a_failure(subject: Subject) -> None:
    for path in ("/media_list/nothing", "/media/nothing/one.png"):
        assert ask(subject.app, path).status == 404, path


def no_get_changes_anything(subject: Subject) -> None:
    folder = subject.root / "pictures"
    before = sorted(folder.rglob("*"))
    for path, methods in subject.app.openapi()["paths"].items():
        if "get" in methods:
            ask(subject.app, path.format(source="pictures", file="one.png"), "new_name=x.png")
    for path in ("/shutdown", "/rename/pictures/one.png", "/recycle", "/reload"):
        ask(subject.app, path)
    assert sorted(folder.rglob("*")) == before
    assert ask(subject.app, "/health").status == 200


def no_other_site_may_read(subject: Subject) -> None:
    for origin in ("https://example.org", "http://localhost:8501", "null"):
        for path in ("/media_sources", "/media/pictures/one.png", "/media/pictures/notes.txt"):
            headers = ask(subject.app, path, headers={"Origin": origin}).headers
            assert not [name for name in headers if name.startswith("access-control")]


def no_answer_tells_a_folder(subject: Subject) -> None:
    for path in ("/media_sources", "/media_list/pictures", *readable(subject, "nothing.png")):
        text = ask(subject.app, path).text
        assert str(subject.root) not in text, path
        assert "media_folder" not in text, path
        assert "../pictures" not in text, path


CHECKS = (
    no_path_leaves_the_folder,
    no_unknown_source_is_a_failure,
    no_get_changes_anything,
    no_other_site_may_read,
    no_answer_tells_a_folder,
)

"""What the environment says, and what follows from it."""

from pathlib import Path

import pytest
from video_api.mongo_database import InvalidMongoUri, database_of, new_client
from video_api.settings import Settings

from tests.support.asynchronous import bounded

NAMES = ("AUTH_URL", "DATA_DIR", "MONGODB_URI", "ROOT_PATH", "COOKIE_PATH", "PAGE_ORIGINS")
SECRET = "s3cret"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = Settings()
    assert settings.auth_url == "http://127.0.0.1:8001"
    assert settings.data_dir == tmp_path / ".local/share/video-library"
    assert settings.mongodb_uri is None
    assert settings.max_upload_bytes == 2 * 1024**3
    assert settings.quota_bytes == 10 * 1024**3
    assert settings.uploads_at_once == 3
    assert settings.cookie_scope == "/"
    assert settings.trusted_origins == {"http://localhost:8501", "http://127.0.0.1:8501"}


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_UPLOAD_BYTES", "1000")
    monkeypatch.setenv("AUTH_URL", "http://auth:1")
    monkeypatch.setenv("UPLOADS_AT_ONCE", "")
    settings = Settings()
    assert (settings.max_upload_bytes, settings.auth_url) == (1000, "http://auth:1")
    assert settings.uploads_at_once == 3


@pytest.mark.parametrize(
    ("root_path", "scope"),
    [
        ("/app/video-library/api", "/app/video-library/"),
        ("/app/video-library/api/", "/app/video-library/"),
        ("/api", "/"),
        ("/", "/"),
        ("", "/"),
    ],
)
def test_the_cookie_is_good_for_the_page_beside(root_path: str, scope: str) -> None:
    settings = Settings(root_path=root_path)
    assert settings.cookie_scope == scope
    assert Settings(root_path=root_path, cookie_path="/here").cookie_scope == "/here"


def test_no_page_elsewhere_is_trusted_below_a_mount() -> None:
    assert Settings(root_path="/app/video-library/api").trusted_origins == frozenset()
    listed = Settings(page_origins="https://a.example, https://b.example/ ,")
    assert listed.trusted_origins == {"https://a.example", "https://b.example"}
    assert Settings(page_origins=" ").trusted_origins == frozenset()


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://db.example/",
        "mongodb://db.example:27017,127.0.0.1/library",
        "mongodb://10.0.0.5",
        "mongodb://localhost.example/",
        "mongodb://[2001:db8::1]:27017/",
        "mongodb+srv://db.example/",
    ],
)
def test_a_database_that_is_open_to_everybody(uri: str) -> None:
    with pytest.raises(InvalidMongoUri, match="user and password"):
        new_client(uri)


@pytest.mark.parametrize(
    "uri",
    [
        f"mongodb://ann:{SECRET}@db.example/",
        f"mongodb://ann:{SECRET}@a.example,b.example/library?replicaSet=r",
        "mongodb://127.0.0.1:27018",
        "mongodb://localhost/",
        "mongodb://[::1]:27017/",
        "mongodb://db.example/?authMechanism=MONGODB-X509&tls=true",
    ],
)
@bounded
async def test_a_database_with_a_password_or_at_home(uri: str) -> None:
    await new_client(uri).close()


@pytest.mark.parametrize(
    "uri",
    [
        f"mongodb://ann:{SECRET}%zz@db.example/",
        f"mongodb://ann:{SECRET}@db.example:port/",
        f"http://ann:{SECRET}@db.example",
        f"mongodb://ann:{SECRET}@/",
        "nonsense",
        "mongodb://",
    ],
)
def test_what_is_no_uri(uri: str) -> None:
    with pytest.raises(InvalidMongoUri) as raised:
        new_client(uri)
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None


def test_the_password_is_not_shown() -> None:
    assert SECRET not in repr(Settings(mongodb_uri=f"mongodb://ann:{SECRET}@db.example/"))


@pytest.mark.parametrize(
    ("uri", "name"),
    [("mongodb://127.0.0.1/", "video_library"), ("mongodb://127.0.0.1/other", "other")],
)
@bounded
async def test_the_database_of_a_uri(uri: str, name: str) -> None:
    client = new_client(uri)
    assert database_of(client).name == name
    await client.close()

"""What the environment may say, and that no secret of it is told."""

from pathlib import Path

import pytest
from video_auth.settings import Settings, load_settings

SECRET = "hunter2hunter2"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_without_any(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.database_file == tmp_path / ".local/share/video-library/auth.db"
    assert settings.mongodb_uri is None
    assert settings.session_days == 7
    limits = settings.limits
    assert (limits.sign_in_seconds, limits.sign_up_seconds) == (900, 3600)
    assert (limits.per_address_and_client, limits.per_client, limits.per_account) == (5, 50, 100)
    assert (limits.sign_ins_per_client, limits.sign_ups_per_client) == (600, 20)


def test_each_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", "~/here")
    monkeypatch.setenv("SESSION_DAYS", "0.5")
    monkeypatch.setenv("SIGN_IN_FAILURES_PER_CLIENT", "3")
    monkeypatch.setenv("MONGODB_URI", "")
    settings = load_settings()
    assert settings.database_file == tmp_path / "here" / "auth.db"
    assert (settings.session_days, settings.limits.per_client) == (0.5, 3)
    assert settings.mongodb_uri is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SESSION_DAYS", "week"),
        ("SESSION_DAYS", "-1"),
        ("SESSION_DAYS", "nan"),
        ("SIGN_UPS_PER_CLIENT", "0"),
        ("SIGN_IN_SECONDS", "inf"),
        ("HASHES_AT_ONCE", "0"),
        ("ARGON2_MEMORY_KIB", "1"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=f"^{name}: Input should be "):
        load_settings()


def test_lanes_want_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGON2_MEMORY_KIB", "31")
    monkeypatch.setenv("ARGON2_PARALLELISM", "4")
    with pytest.raises(SystemExit, match="ARGON2_PARALLELISM: each lane needs 8 KiB"):
        load_settings()


@pytest.mark.parametrize(
    "uri",
    [
        *("mongodb://localhost", "mongodb://127.0.0.1:27017/library", "mongodb://[::1]/"),
        *("mongodb://127.0.0.1:1,localhost:2/?replicaSet=rs0", "mongodb://%2Ftmp%2Fmongodb-1.sock"),
        *(f"mongodb://ada:{SECRET}@db/library", f"mongodb+srv://ada:{SECRET}@db.example.org/x"),
        f"mongodb://ada:{SECRET}@db1,db2,db3/library?replicaSet=rs0&authSource=admin",
        "mongodb://db/library?authMechanism=MONGODB-X509&tls=true",
        "mongodb+srv://db.example.org/library?authMechanism=MONGODB-AWS",
    ],
)
def test_a_database_that_is_here_or_has_a_password(
    monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    monkeypatch.setenv("MONGODB_URI", uri)
    settings = load_settings()
    assert settings.mongodb_uri is not None
    assert settings.mongodb_uri.get_secret_value() == uri
    assert SECRET not in f"{settings} {settings!r} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    "uri",
    [
        *("mongodb://db", "mongodb://db:27017/library", "mongodb+srv://db.example.org/"),
        *("mongodb://ada@db/library", "mongodb://ada:@db/library", "mongodb://127.0.0.1,db/"),
        *("mongodb://192.0.2.1/", "mongodb://[2001:db8::1]/", "mongodb+srv://ada@db.example.org/"),
        *("mongodb://localhost.example.org", "mongodb://db/?authMechanism=SCRAM-SHA-256"),
        *("mongodb+srv://localhost/", "mongodb://db.sock.example.org/"),
    ],
)
def test_a_database_without_a_password(monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    monkeypatch.setenv("MONGODB_URI", uri)
    with pytest.raises(SystemExit, match="URI: there is no user name and pass") as refused:
        load_settings()
    assert uri not in str(refused.value)


@pytest.mark.parametrize(
    "uri",
    [
        f"mongodb://ada:{SECRET}@db:port/",
        f"mongodb://ada:{SECRET}@{SECRET}@db/",
        f"mongodb://ada:{SECRET}/{SECRET}@db/",
        f"mongodb://ada:{SECRET}%@db/",
        f"mongo://ada:{SECRET}@db/",
        f"mongodb://ada:{SECRET}@db/?timeoutMS={SECRET}",
        f"mongodb+srv://ada:{SECRET}@[db/",
        SECRET,
    ],
)
def test_what_is_no_connection_string_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    monkeypatch.setenv("MONGODB_URI", uri)
    with pytest.raises(SystemExit, match="MONGODB_URI: this is not a MongoDB") as refused:
        load_settings()
    assert SECRET not in str(refused.value)
    assert refused.value.__suppress_context__ or SECRET not in str(refused.value.__context__)

"""From a configuration to what is supervised."""

from typing import Any

from streamlit_controls.core.unit import EnvironmentSpec, Kind, Unit, unit_name, units
from tests.support.samples import ROOT, config

MEDIA: dict[str, Any] = {
    "env": {"LEVEL": "app", "A": "1"},
    "python": "3.12",
    "services": {
        "media-server": {"asgi": "server:app", "dir": "server", "mount": "api", "health": "/up"},
        "worker": {"command": ["./work"], "env": {"LEVEL": "service"}, "python": "3.11"},
    },
}


def made(app: dict[str, Any] | None = None, **more: Any) -> dict[str, Unit]:
    return units(config({"apps": {"media": MEDIA | (app or {})}, **more}), ROOT)


def test_our_own_come_first_and_apps_before_their_services() -> None:
    assert list(made()) == ["@site", "@gateway", "media", "media.media-server", "media.worker"]


def test_page() -> None:
    page = made()["media"]
    assert (page.kind, page.port, page.log) == (Kind.STREAMLIT, 8501, "media.log")
    assert page.environment == EnvironmentSpec(ROOT / "apps/media", None, "3.12")
    assert page.base_path("abc234") == "/app/media/~abc234"
    assert (page.overlaps, page.shares_socket) == (True, False)
    assert page.env == {
        "MEDIA_SERVER_URL": "http://127.0.0.1:8502",
        "MEDIA_SERVER_PATH": "/app/media/api",
        "WORKER_URL": "http://127.0.0.1:8503",
        "LEVEL": "app",
        "A": "1",
    }


def test_asgi_service() -> None:
    service = made()["media.media-server"]
    assert (service.kind, service.port, service.asgi) == (Kind.ASGI, 8502, "server:app")
    assert (service.prefix, service.health) == ("/app/media/api", "/up")
    assert service.environment == EnvironmentSpec(
        ROOT / "apps/media/server", None, "3.12", base=ROOT / "apps/media"
    )
    assert service.base_path("abc234") == "/app/media/api"
    assert (service.overlaps, service.shares_socket) == (True, True)


def test_command_service() -> None:
    service = made()["media.worker"]
    assert (service.kind, service.command, service.prefix) == (Kind.COMMAND, ("./work",), "")
    assert service.env["LEVEL"] == "service"
    assert service.environment is not None
    assert service.environment.python == "3.11"
    assert (service.overlaps, service.shares_socket) == (False, False)


def test_site_and_gateway() -> None:
    found = made(host="0.0.0.0", website_port=8080)
    assert (found["@site"].port, found["@site"].host) == (8500, "127.0.0.1")
    assert (found["@gateway"].port, found["@gateway"].host) == (8080, "0.0.0.0")
    assert (found["@gateway"].overlaps, found["@site"].overlaps) == (False, True)
    assert found["@site"].environment is None


def test_an_edit_changes_its_units_alone() -> None:
    before = made()
    assert made() == before
    assert changed(before, made({"description": "Other words", "url": "/elsewhere/"})) == set()
    assert changed(before, made({"entrypoint": "main.py"})) == {"media"}
    assert changed(before, made({"port": 9000})) == {
        "media",
        "media.media-server",
        "media.worker",
    }, "the services move up, as they have no ports of their own"
    assert changed(before, made({"env": {"LEVEL": "x"}})) == {
        "media",
        "media.media-server",
        "media.worker",
    }
    assert changed(before, made(host="0.0.0.0")) == {"@gateway"}


def test_problems_of_a_manifest_stand_in_the_way() -> None:
    parsed = config({"apps": {"a": {}}}, {"a": {"nmae": "x"}})
    expected = "app.toml.nmae: unknown key (did you mean name?)"
    assert units(parsed, ROOT)["a"].problem == expected


def test_names() -> None:
    assert (unit_name("a"), unit_name("a", "s")) == ("a", "a.s")


def changed(before: dict[str, Unit], after: dict[str, Unit]) -> set[str]:
    return {name for name, each in after.items() if each != before[name]}


def test_what_can_sleep_and_what_can_be_forked() -> None:
    found = made()
    able = ["media", "media.media-server"]
    assert [name for name, unit in found.items() if unit.can_sleep] == able
    assert [name for name, unit in found.items() if unit.forks] == able
    assert not made({"warm": False})["media"].forks


def test_a_variable_that_is_read_at_the_start_forbids_to_fork() -> None:
    assert not made({"env": {"OMP_NUM_THREADS": "1"}})["media"].forks
    assert not made({"env": {"PYTHONHASHSEED": "0"}})["media"].forks
    assert made({"env": {"TZ": "Asia/Tokyo", "STREAMLIT_THEME_BASE": "dark"}})["media"].forks


def test_a_service_sleeps_and_preloads_as_its_app_unless_it_says_otherwise() -> None:
    more = {"idle_timeout": "5m", "preload": ["sklearn"], "warm": False}
    as_its_app = made(more)["media.media-server"]
    assert (as_its_app.idle_timeout, as_its_app.preload) == (300, ("sklearn",))
    assert not as_its_app.warm
    service = MEDIA["services"]["media-server"] | {"idle_timeout": 0, "preload": [], "warm": True}
    other = made({**more, "services": {"media-server": service}})["media.media-server"]
    assert (other.idle_timeout, other.preload, other.warm) == (0, (), True)


def test_an_idle_timeout_that_changes_is_no_reason_for_a_restart() -> None:
    assert made({"idle_timeout": "5m", "idle_tab_timeout": "1h"}) == made()
    assert made({"preload": ["sklearn"]})["media"] != made()["media"]

"""From a unit to its command: one call, one expected value."""

from pathlib import Path

import pytest

from streamlit_controls.core.launch import ROOM, ROOM_FOR_VARIABLES, Launch, Places, launch, zygote
from streamlit_controls.core.unit import Kind, Unit
from tests.support.samples import ROOT, unit

PLACES = Places(code=Path("/code"), project=ROOT, prefix=Path("/own"))
INHERITED = {
    "PATH": "/usr/bin",
    "HOME": "/home/me",
    "HTTPS_PROXY": "http://proxy:3128",
    "PYTHONPATH": "/code",
    "PYTHONHOME": "/wrong",
    "VIRTUAL_ENV": "/own",
    "PYTHONSAFEPATH": "1",
}
KEPT = {"HOME": "/home/me", "HTTPS_PROXY": "http://proxy:3128"}
OF_AN_APP = KEPT | {
    "PATH": "/envs/x/bin:/usr/bin",
    "PYTHONUNBUFFERED": "1",
    "VIRTUAL_ENV": "/envs/x",
    "STREAMLIT_CONTROLLER_APP": "hello",
    "CACHE_DIR": "/project/.state/cache/apps/hello",
}
OF_A_SERVICE = OF_AN_APP | {"HOST": "127.0.0.1", "PORT": "8503", "ROOT_PATH": "/app/hello/api"}


def launched(each: Unit) -> Launch:
    return launch(
        each,
        "abc234",
        python=Path("/envs/x/bin/python"),
        script="app.py",
        listen_fd=7,
        upstream_fd=9,
        report_fd=8,
        places=PLACES,
        inherited=INHERITED,
    )


def test_page() -> None:
    each = unit(env={"API_URL": "http://127.0.0.1:8503", "HOME": "/its/own"})
    assert launched(each) == Launch(
        argv=(
            "/envs/x/bin/python",
            "/code/streamlit_controls/runner/page.py",
            "app.py",
            "--base-path",
            "/app/hello/~abc234",
            "--fd",
            "7",
            "--upstream-fd",
            "9",
            "--report-fd",
            "8",
        ),
        env=OF_AN_APP | {"API_URL": "http://127.0.0.1:8503", "HOME": "/its/own"},
        cwd=ROOT / "apps/hello",
    )


def test_asgi_service() -> None:
    each = unit("hello.api", Kind.ASGI, 8503, asgi="server:app", prefix="/app/hello/api")
    assert launched(each) == Launch(
        argv=(
            "/envs/x/bin/python",
            "/code/streamlit_controls/runner/service.py",
            "server:app",
            "--root-path",
            "/app/hello/api",
            "--fd",
            "7",
            "--report-fd",
            "8",
        ),
        env=OF_A_SERVICE,
        cwd=ROOT / "apps/hello",
    )


def test_command_service() -> None:
    command = ("./serve", "--port={port}", "--host", "{host}", "{other}", "100%")
    each = unit("hello.api", Kind.COMMAND, 8503, command=command, prefix="/app/hello/api")
    assert launched(each) == Launch(
        argv=("./serve", "--port=8503", "--host", "127.0.0.1", "{other}", "100%"),
        env=OF_A_SERVICE,
        cwd=ROOT / "apps/hello",
    )


def test_site() -> None:
    assert launched(Unit("@site", Kind.SITE, ROOT, 8500, "website.log")) == Launch(
        argv=(
            "/own/bin/python",
            "-P",
            "-m",
            "streamlit_site",
            "--project",
            str(ROOT),
            "--fd",
            "7",
        ),
        env=KEPT | {"PATH": "/usr/bin", "PYTHONPATH": "/code"},
        cwd=ROOT,
    )


def test_gateway() -> None:
    state = str(ROOT / ".state/gateway")
    assert launched(Unit("@gateway", Kind.GATEWAY, ROOT, 5000, "gateway.log")) == Launch(
        argv=("/own/bin/caddy", "run", "--config", "gateway.json"),
        env=KEPT
        | {"PATH": "/usr/bin", "XDG_DATA_HOME": state, "XDG_CONFIG_HOME": state, "GATEWAY_FD": "7"},
        cwd=ROOT / ".state/run",
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_of_our_own_python_reaches_an_app(kind: Kind) -> None:
    env = launched(unit("hello.api", kind, 8503, command=("x",))).env
    assert not {"PYTHONHOME", "PYTHONSAFEPATH"} & set(env)
    assert (env.get("PYTHONPATH") == "/code") == (kind is Kind.SITE)
    assert env.get("VIRTUAL_ENV") != "/own"


def test_zygote() -> None:
    made = zygote(
        Path("/envs/x/bin/python"),
        ["sklearn", "torch"],
        control_fd=7,
        places=PLACES,
        inherited=INHERITED,
    )
    assert made == Launch(
        argv=(
            "/envs/x/bin/python",
            "/code/streamlit_controls/runner/zygote.py",
            "--control-fd",
            "7",
            "--preload=sklearn",
            "--preload=torch",
            f"--room={'-' * ROOM}",
        ),
        env={
            key: value
            for key, value in OF_AN_APP.items()
            if key not in {"STREAMLIT_CONTROLLER_APP", "CACHE_DIR"}
        }
        | {"STREAMLIT_CONTROLLER_ROOM": "-" * ROOM_FOR_VARIABLES},
        cwd=ROOT / ".state/run/zygote",
    )

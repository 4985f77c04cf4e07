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
    "DATABASE_PASSWORD": "secret",
    "MODELS_HOME": "/models",
    "PYTHONUTF8": "1",
    "GOMEMLIMIT": "1GiB",
}
KEPT = {"STREAMLIT_CONTROLLER_INSTANCE": "abc234", "HTTPS_PROXY": "http://proxy:3128"}
OF_AN_APP = KEPT | {
    "PATH": "/envs/x/bin:/usr/bin",
    "PYTHONUNBUFFERED": "1",
    "VIRTUAL_ENV": "/envs/x",
    "STREAMLIT_CONTROLLER_APP": "hello",
    "HOME": "/project/.state/homes/hello",
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
        probe_fd=10,
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


def test_variables_refer_to_what_else_is_there() -> None:
    env = {"API_URL": "http://127.0.0.1:8503", "BACKEND": "${API_URL}", "DATA_DIR": "${HOME}/data"}
    found = launched(unit(env=env)).env
    assert found["BACKEND"] == "http://127.0.0.1:8503"
    assert found["DATA_DIR"] == "/project/.state/homes/hello/data"


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
            "--probe-fd",
            "10",
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
        env=KEPT
        | {"PATH": "/usr/bin", "HOME": "/home/me", "PYTHONPATH": "/code"}
        | {"XDG_CACHE_HOME": str(ROOT / ".state/cache/site")},
        cwd=ROOT,
    )


def test_gateway() -> None:
    state = str(ROOT / ".state/gateway")
    assert launched(Unit("@gateway", Kind.GATEWAY, ROOT, 5000, "gateway.log")) == Launch(
        argv=("/own/bin/caddy", "run", "--config", "gateway.json"),
        env=KEPT
        | {"PATH": "/usr/bin", "HOME": "/home/me", "GOMEMLIMIT": "1GiB"}
        | {"XDG_DATA_HOME": state, "XDG_CONFIG_HOME": state, "GATEWAY_FD": "7"},
        cwd=ROOT / ".state/run",
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_of_our_own_python_reaches_an_app(kind: Kind) -> None:
    env = launched(unit("hello.api", kind, 8503, command=("x",))).env
    assert not {"PYTHONHOME", "PYTHONSAFEPATH"} & set(env)
    assert (env.get("PYTHONPATH") == "/code") == (kind is Kind.SITE)
    assert env.get("VIRTUAL_ENV") != "/own"


def test_what_the_operator_passes_on_reaches_apps_and_nobody_else() -> None:
    passed = ("MODELS_*", "PYTHONHOME", "PYTHONUTF8", "HOME")
    env = launched(unit(pass_env=passed)).env
    assert env == OF_AN_APP | {"MODELS_HOME": "/models", "PYTHONUTF8": "1"}
    site = launched(Unit("@site", Kind.SITE, ROOT, 8500, "website.log", pass_env=passed)).env
    assert "MODELS_HOME" not in site


@pytest.mark.parametrize("kind", list(Kind))
def test_the_instance_is_the_first_of_the_variables(kind: Kind) -> None:
    env = launched(unit("hello.api", kind, 8503, command=("x",), env={"A": "1"})).env
    assert next(iter(env.items())) == ("STREAMLIT_CONTROLLER_INSTANCE", "abc234")


def test_zygote() -> None:
    made = zygote(
        Path("/envs/x/bin/python"),
        ["sklearn", "torch"],
        control_fd=7,
        places=PLACES,
        inherited=INHERITED,
        passed=("MODELS_*", "PYTHON*"),
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
            "HTTPS_PROXY": "http://proxy:3128",
            "PATH": "/envs/x/bin:/usr/bin",
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",  # it counts when Python begins
            "VIRTUAL_ENV": "/envs/x",
            "HOME": "/project/.state/homes/@zygotes",
            "STREAMLIT_CONTROLLER_ROOM": "-" * ROOM_FOR_VARIABLES,
        },
        cwd=ROOT / ".state/run/zygote",
    )

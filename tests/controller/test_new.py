"""`new` writes an app that is complete and in order."""

import ast
import tomllib

import pytest

from streamlit_controls.configuration import configured
from streamlit_controls.core.parse import Manifest, parse
from streamlit_controls.project import Project
from tests.controller.conftest import CommandLine


def test_it_writes_an_app_and_says_what_is_next(run: CommandLine, project: Project) -> None:
    said = run("new", "sales-report")
    assert said.code == 0
    assert said.out.splitlines()[-1] == "Next: ./streamlit_controller start"
    folder = project.apps / "sales-report"
    assert sorted(path.name for path in folder.iterdir()) == [
        "app.py",
        "app.toml",
        "requirements.txt",
    ]
    assert folder.stat().st_mode & 0o077 == 0o055
    assert [path.name for path in project.apps.iterdir()] == ["sales-report"]


def test_what_it_writes_is_in_order(run: CommandLine, project: Project) -> None:
    run("new", "Sales_2")
    folder = project.apps / "Sales_2"
    page = ast.parse((folder / "app.py").read_text())
    assert '"Sales 2"' in ast.unparse(page).replace("'", '"')
    manifest = tomllib.loads((folder / "app.toml").read_text())
    project.config_file.write_text('{"apps": {"Sales_2": {"port": 8501}}}')
    [app] = configured(project).apps
    assert (app.name, app.icon, app.tags, app.problems) == ("Sales 2", "✨", ("new",), ())
    assert manifest["name"] == "Sales 2"


def test_every_key_in_the_manifests_comments_is_one(run: CommandLine, project: Project) -> None:
    run("new", "sales")
    text = (project.apps / "sales" / "app.toml").read_text()
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    code = "\n".join(line for line in lines if "=" in line or line.startswith("["))
    config = parse({"apps": {"sales": {}}}, {"sales": Manifest(tomllib.loads(code))}, project.root)
    assert config.apps[0].problems == ()
    assert config.apps[0].services[0].mount == "api"


def test_json(run: CommandLine) -> None:
    result = run("new", "sales", "--json").document["result"]
    assert result["app"] == "sales"
    assert result["files"][0] == "apps/sales/app.py"


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("a b", "'a b' cannot be an app's name"),
        ("-x", "no such option '-x'"),
        ("../x", "'../x' cannot be an app's name"),
        ("", "'' cannot be an app's name"),
        ("gateway", "'gateway' is the name of one of our own logs"),
    ],
)
def test_names_that_cannot_be(run: CommandLine, project: Project, key: str, message: str) -> None:
    said = run("new", key)
    assert said.code == 2
    assert said.err.startswith(f"Error: {message}\n")
    assert not project.apps.exists()


def test_what_is_there_is_not_touched(run: CommandLine, project: Project) -> None:
    (project.apps / "sales").mkdir(parents=True)
    said = run("new", "sales")
    assert said.code == 2
    assert "is there already" in said.err
    assert not list((project.apps / "sales").iterdir())

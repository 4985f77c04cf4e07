"""README and docs/ against the code."""

import json
import re
from pathlib import Path

import click
import pytest

from streamlit_controls.controller.cli import cli
from streamlit_controls.core import parse, reference
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.protocol import Request
from streamlit_controls.core.settings import AppEntry, ConfigFile, ServiceSettings
from tests.journeys.project import CODE

DOCS = CODE / "docs"
README = (CODE / "README.md").read_text()
PAGES = [CODE / "README.md", CODE / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]


def test_the_generated_parts_are_up_to_date() -> None:
    hint = "run scripts/docs"
    assert (DOCS / "config.schema.json").read_text() == reference.schema(), hint
    assert (DOCS / "configuration.md").read_text() == reference.configuration(), hint
    assert reference.states() in (DOCS / "architecture.md").read_text(), hint


def test_readme_has_every_verb_and_no_other() -> None:
    table = README[README.index("## Verbs") : README.index("## Configuration")]
    named = set(re.findall(r"^\| `(\w+)", table, re.MULTILINE))
    context = click.Context(cli)
    assert named == set(cli.list_commands(context))
    for verb in named:
        command = cli.get_command(context, verb)
        assert command is not None
        assert "--json" in {word for each in command.params for word in each.opts}, verb


def test_readme_commands_are_real() -> None:
    context = click.Context(cli)
    for verb in re.findall(r"^\./streamlit_controller (\w+)", README, re.MULTILINE):
        assert cli.get_command(context, verb) is not None, verb


def test_readme_configuration_is_in_order() -> None:
    (document,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    config = parse.parse(parse.read_document(document), {}, CODE)
    assert config.apps[0].name == "Sales figures"


def test_readme_manifest_is_in_order() -> None:
    import tomllib

    (text,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    manifest = parse.Manifest(tomllib.loads(text))
    (app,) = parse.parse({"apps": {"x": {}}}, {"x": manifest}, CODE).apps
    assert app.problems == ()
    assert app.services[0].mount == "api"


def test_committed_configuration_lists_the_bundled_apps_and_needs_no_change() -> None:
    text = (CODE / "config.json").read_text()
    document = parse.read_document(text)
    bundled = {path.parent.name for path in (CODE / "apps").glob("*/app.py")}
    assert set(document["apps"]) == bundled
    config = parse.parse(document, {}, CODE)
    assert all(app.dir == CODE / "apps" / app.key for app in config.apps)
    assert json.loads(text)["website_port"] == 5000


def test_every_key_is_described() -> None:
    for model in (ConfigFile, AppEntry, ServiceSettings):
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"


def test_every_state_and_every_verb_of_the_protocol_is_documented() -> None:
    page = (DOCS / "control-protocol.md").read_text()
    for state in State:
        assert f"`{state.value}`" in page
    verbs = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    source = (CODE / "streamlit_controls/manager/commands.py").read_text()
    assert verbs == set(re.findall(r'^            "(\w+)": self\._', source, re.MULTILINE))
    assert Request("status", {}).verb in verbs


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[\w-]+)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target

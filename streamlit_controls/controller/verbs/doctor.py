"""`doctor`: look at everything that can be wrong, and say what to do."""

from collections.abc import Iterator
from dataclasses import asdict

import click

from streamlit_controls.controller import options, output
from streamlit_controls.controller.checks import health, isolation, machine, network, wishes
from streamlit_controls.controller.checks.check import Check, Look, Verdict, run
from streamlit_controls.controller.checks.running import Running
from streamlit_controls.controller.session import pass_project
from streamlit_controls.project import Project

AT_PROJECT: tuple[Look[Project], ...] = (
    machine.python,
    machine.setup,
    machine.programs,
    machine.disk,
    machine.open_files,
    machine.write_access,
    wishes.configuration,
    wishes.environments,
    isolation.sandbox,
)
AT_WHAT_RUNS: tuple[Look[Running], ...] = (
    health.manager,
    network.ports,
    network.gateway,
    health.apps,
)
COLOURS = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}


@click.command("doctor")
@options.as_json
@pass_project
def command(project: Project, as_json: bool) -> None:
    """Check this machine, the project and what runs; say what to do."""
    found = []
    for check in findings(project):
        found.append(check)
        if not as_json:
            show(check)
    failed = sum(check.verdict is Verdict.FAIL for check in found)
    if as_json:
        output.show_json({"ok": not failed, "checks": [asdict(check) for check in found]})
    else:
        output.echo(f"\n{output.count(failed, 'problem')} found" if failed else "\nAll is in order")
    if failed:
        click.get_current_context().exit(1)


def findings(project: Project) -> Iterator[Check]:
    """Yield what each look finds."""
    yield from run(AT_PROJECT, project)
    yield from run(AT_WHAT_RUNS, Running(project))


def show(check: Check) -> None:
    verdict = click.style(f"{check.verdict:4}", fg=COLOURS[check.verdict])
    output.echo(f"{verdict}  {check.name}: {check.message}")
    if check.hint:
        output.echo(f"      {click.style('→', fg='cyan')} {check.hint}")

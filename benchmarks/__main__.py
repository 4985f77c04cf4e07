"""The command line of the benchmarks."""

import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live

from benchmarks import environments, report
from benchmarks.contender import Contender, Unsupported
from benchmarks.controller import Controller
from benchmarks.measures import measure
from benchmarks.nginx import Nginx
from benchmarks.plain import Plain
from benchmarks.results import Results
from benchmarks.row import MEASURES
from benchmarks.session import Session
from benchmarks.shinyhub import ShinyHub
from benchmarks.table import missing, table
from benchmarks.tuned import Tuned

ALWAYS: tuple[type[Contender], ...] = (Plain, Controller)
WIDTH = 200
"""Columns of the table where no terminal says how many there are."""
PEERS: tuple[type[Contender], ...] = (Tuned, Nginx, ShinyHub)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--peers", is_flag=True, help="Measure others too: nginx, ShinyHub, uvloop.")
@click.option("--only", metavar="NAMES", help=f"Only these: {', '.join(MEASURES)}.")
@click.option("--rounds", type=click.IntRange(1), default=7, show_default=True)
@click.option("--quick", is_flag=True, help="One round, to try whether everything works.")
@click.option(
    "--write/--no-write", default=None, help="Write RESULTS.md; by default after a whole run."
)
def main(*, peers: bool, only: str | None, rounds: int, quick: bool, write: bool | None) -> None:
    """Compare this product with plain `streamlit run`, in one run on this machine."""
    wanted = frozenset(only.split(",") if only else MEASURES)
    if unknown := wanted - set(MEASURES):
        raise click.BadParameter(f"no measure is called {', '.join(sorted(unknown))}")
    contenders = _present([*ALWAYS, *(PEERS if peers else ())])
    rounds = 1 if quick else rounds
    names = [contender.name for contender in contenders]
    results, began = Results(), time.monotonic()
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    with Live(console=console, auto_refresh=False) as live:
        results.changed = lambda: live.update(
            table(results, names, wanted), refresh=console.is_terminal
        )
        measure(Session(contenders, rounds, wanted, results))
    for reason in missing(results, wanted):
        console.print(f"- {reason}", highlight=False)
    whole = wanted == frozenset(MEASURES) and not quick
    if write or (write is None and whole):
        minutes = (time.monotonic() - began) / 60
        page = report.write(results, contenders, rounds, minutes, sys.argv[1:])
        console.print(f"written: {page.relative_to(Path.cwd())}")


def _present(contenders: list[type[Contender]]) -> list[type[Contender]]:
    environments.make(environments.PLAIN, environments.SERVED)
    if ShinyHub in contenders:
        environments.make(environments.SHINYHUB)
    found = []
    for contender in contenders:
        try:
            contender.version()
            found.append(contender)
        except Unsupported as reason:
            click.echo(f"without {contender.name}: {reason}", err=True)
    return found


if __name__ == "__main__":
    main(prog_name="benchmarks/run")

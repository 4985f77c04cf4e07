"""The page that a whole run leaves behind."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.contender import Contender
from benchmarks.load import CONNECTIONS
from benchmarks.machine import machine
from benchmarks.measures.asleep import REST
from benchmarks.measures.rerun import RERUNS
from benchmarks.results import Results
from benchmarks.row import MEASURES
from benchmarks.table import markdown, missing

PAGE = Path(__file__).parent / "RESULTS.md"
TEXT = """\
# Benchmarks: results

Made by `benchmarks/run{arguments}` on {date} in {minutes:.0f} minutes; the same command repeats it.

{machine}
{contenders}
{table}
{missing}
## How to read it

Figures are medians, with the least and the greatest in brackets. The contenders take turns,
{rounds} rounds, another one first in each. One Python program visits them all: it asks for the
page, its health and its settings, opens the websocket, and checks what the script shows. Plain
`streamlit run` has the packages that `pip install streamlit` gives; the controller's apps have
those that it gives to apps without requirements, which adds uvloop and httptools.

- *Sleeping app*: the request that wakes it until the script has shown everything. For plain
  `streamlit run`: from its start, all files in memory already.
- *Everything started*: nothing runs; the contender's own command is called, and the page is asked
  for until it is there. For the controller that is the manager, the gateway, the site and the
  app.
- *Rerun*: a moved slider until the script has ended, over the websocket; medians of {reruns} in
  each round.
- *Memory*: proportional set size of all processes of the contender, helpers included. *Active*:
  one session is open in each app.
- *Browser*: a Chromium that was started for it, at the app's own page; bytes as they came over
  the wire.
- *Requests*: the largest script that every page loads, over {connections} connections, with the
  encodings that a browser accepts. The client runs on the same cores.
- *Added by the gateway*: the same session's reruns through the gateway and at the app's own port,
  in turn; the difference of the medians. Below nothing means that the way through is the faster
  one: a plain Streamlit server answers those sooner who acknowledge sooner.
- *At rest*: processor time of what watches over the apps, in {rest:.0f} seconds at a time.
"""


def write(
    results: Results,
    contenders: Sequence[type[Contender]],
    rounds: int,
    minutes: float,
    arguments: Sequence[str],
) -> Path:
    """Write the page; return where it lies."""
    measures = frozenset(MEASURES)
    names = [contender.name for contender in contenders]
    PAGE.write_text(
        TEXT.format(
            arguments="".join(f" {argument}" for argument in arguments),
            date=datetime.now(UTC).date(),
            minutes=minutes,
            reruns=RERUNS,
            connections=CONNECTIONS,
            rest=REST,
            rounds=rounds,
            machine=_rows("machine", machine()),
            contenders=_rows("contender", {one.name: one.version() for one in contenders}),
            table=markdown(results, names, measures),
            missing=_reasons(missing(results, measures)),
        )
    )
    return PAGE


def _rows(title: str, rows: dict[str, str]) -> str:
    lines = [f"| {title} | |", "|---|---|", *(f"| {key} | {text} |" for key, text in rows.items())]
    return "\n".join(lines) + "\n"


def _reasons(reasons: Sequence[str]) -> str:
    if not reasons:
        return ""
    return "Not measured:\n\n" + "".join(f"- {reason}\n" for reason in reasons)

"""A table on a terminal that shows how each app comes up, while it does."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from streamlit_controls.controller.output import COLOURS, shortened
from streamlit_controls.controller.progress import unit_name

MARKS = {"running": "✓", "sleeping": "✓", "stopped": "✓", "failed": "✗"}
"""What stands before a state that lasts; the others have a spinner."""


STATE_WIDTH = max(map(len, COLOURS))

NAME_WIDTH = 32
"""How long a name may be; longer ones are shortened."""


@dataclass
class Line:
    """How one app or service is getting on."""

    name: str
    began: float
    state: str = ""
    message: str = ""
    ended: float | None = None
    spinner: Spinner = field(default_factory=lambda: Spinner("dots", style="yellow"))

    def update(self, state: str, message: str, now: float) -> None:
        if state not in MARKS and self.ended is not None:
            self.began = now
        self.state, self.message = state, message
        self.ended = now if state in MARKS else None


class LiveTable:
    """Shows progress messages as rows that change in place."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._lines: dict[str, Line] = {}
        self._live = Live(self, console=self._console, refresh_per_second=12)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, message: Mapping[str, Any]) -> None:
        now, name = time.monotonic(), unit_name(message)
        if not name:
            self._console.print(Text(message["message"]))
            return
        line = self._lines.get(name) or self._add(name, message, now)
        line.update(message["state"], message["message"], now)

    def _add(self, name: str, message: Mapping[str, Any], now: float) -> Line:
        """Add a row; a service's goes below its app's."""
        app = message.get("app")
        indented = app and message.get("service")
        shown = f"  {message['service']}" if indented else name
        line = Line(shortened(shown, NAME_WIDTH), now)
        self._lines[name] = line
        if indented:
            order = [each.partition("/")[0] for each in self._lines]
            first = {key: order.index(key) for key in order}
            names = sorted(
                self._lines, key=lambda each: (first[each.partition("/")[0]], "/" in each)
            )
            self._lines = {each: self._lines[each] for each in names}
        return line

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = (options.height or console.height) - 2
        shown = list(self._lines.values())
        if len(shown) > room:
            # What needs to be seen comes first where not all fit: what works is no news.
            order = {"failed": 0, "running": 2, "sleeping": 2, "stopped": 2}
            shown = sorted(shown, key=lambda line: order.get(line.state, 1))[: max(1, room - 1)]
        table = Table.grid(padding=(0, 2, 0, 0))
        for width in (1, max((len(line.name) for line in shown), default=0), STATE_WIDTH):
            table.add_column(width=width, no_wrap=True)
        table.add_column(width=7, justify="right", no_wrap=True)
        table.add_column()  # the only one that may shrink: the rest is no_wrap
        for line in shown:
            table.add_row(*_cells(line))
        yield table
        if len(shown) < len(self._lines):
            well = sum(line.state in {"running", "sleeping"} for line in self._lines.values())
            yield Text(f"{well} of {len(self._lines)} are up", style="dim")


def _cells(line: Line) -> tuple[Text | Spinner, Text, Text, Text, Text]:
    colour = COLOURS.get(line.state, "")
    mark = MARKS.get(line.state)
    seconds = (line.ended or time.monotonic()) - line.began
    return (
        Text(mark, style=colour) if mark else line.spinner,
        Text(line.name),
        Text(line.state, style=colour),
        Text(f"{seconds:.1f} s", style="dim"),
        Text(line.message, style="dim", no_wrap=True, overflow="ellipsis"),
    )

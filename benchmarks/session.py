"""One run of the benchmarks: who takes part, how often, and where the figures go."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contender import Contender, Unsupported
from benchmarks.results import Results
from benchmarks.sample import App


@dataclass(frozen=True)
class Session:
    """What every measure is given."""

    contenders: Sequence[type[Contender]]
    rounds: int
    wanted: frozenset[str]
    """The measures that were asked for."""
    results: Results

    @contextmanager
    def made(
        self, contender: type[Contender], apps: Sequence[App], *, asleep: bool = False
    ) -> Iterator[Contender]:
        """Make a contender, not launched; end it and remove its folder at last."""
        if asleep and not contender.sleeps:
            raise Unsupported(f"{contender.name} keeps every app running")
        folder = Path(tempfile.mkdtemp(prefix=f"benchmarks-{contender.name}-"))
        one = contender(folder, apps, asleep=asleep)
        try:
            one.prepare()
            yield one
        except Exception as error:
            error.add_note(f"{contender.name} said last: {one.last_words()}")
            raise
        finally:
            one.close()

    @contextmanager
    def running(self, apps: Sequence[App]) -> Iterator[list[Contender]]:
        """Run all contenders at once, each with these apps."""
        with ExitStack() as stack:
            contenders = []
            for kind in self.contenders:
                one = stack.enter_context(self.made(kind, apps))
                one.launch()
                one.wait()
                contenders.append(one)
            yield contenders

    @contextmanager
    def tried(self, contender: type[Contender] | Contender, *rows: str) -> Iterator[None]:
        """Where the contender cannot do it, note the reason in these rows."""
        try:
            yield
        except Unsupported as reason:
            for row in rows:
                self.results.miss(row, contender.name, str(reason))

"""The apps that all contenders run."""

import shutil
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent / "apps"


@dataclass(frozen=True)
class Kind:
    """A script, and what a visitor has to see of it."""

    name: str
    word: str
    """The label of its slider and the word before the value that it shows."""
    start: int
    elements: frozenset[str]

    @property
    def script(self) -> Path:
        return SCRIPTS / self.name / "app.py"

    def text(self, value: int) -> str:
        """Return what the app shows once its slider stands at this value."""
        return f"{self.word}: {value}"


SLIDER = Kind("slider", "Value", 50, frozenset({"slider", "markdown"}))
PANDAS = Kind(
    "pandas",
    "Rows",
    500,
    frozenset({"slider", "markdown", "vega_lite_chart", "dataframe"}),
)
KINDS = (SLIDER, PANDAS)


@dataclass(frozen=True)
class App:
    """One app of a contender: a script under a key of its own."""

    key: str
    kind: Kind

    def write(self, folder: Path) -> Path:
        """Put the script into a folder; return where it lies."""
        folder.mkdir(parents=True)
        return Path(shutil.copy(self.kind.script, folder / "app.py"))


def many(count: int, kind: Kind) -> list[App]:
    """Return this many apps of one kind."""
    return [App(f"{kind.name}-{number:03}", kind) for number in range(count)]

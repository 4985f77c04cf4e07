"""Says on stderr how far a set-up is."""

from __future__ import annotations

import sys
import time


class Progress:
    """Says on stderr what is being done: a line that counts seconds, or lines where none looks."""

    EVERY = 10

    def __init__(self) -> None:
        self.began = self.since = time.monotonic()
        self.text = ""
        self.said = 0
        self.live = sys.stderr.isatty()

    def step(self, text: str) -> None:
        self.end()
        self.text, self.since, self.said = text, time.monotonic(), 0
        self._print(f"Setting up: {text}")

    def tick(self) -> None:
        seconds = int(time.monotonic() - self.since)
        if self.live or seconds >= self.said + self.EVERY:
            self.said = seconds
            self._print(f"Setting up: {self.text} ({seconds} s)")

    def done(self) -> None:
        self.step(f"done in {time.monotonic() - self.began:.1f} s")
        self.end()

    def end(self) -> None:
        if self.text and self.live:
            sys.stderr.write("\n")
        self.text = ""

    def _print(self, line: str) -> None:
        sys.stderr.write(f"\r{line}\033[K" if self.live else f"{line}\n")
        sys.stderr.flush()

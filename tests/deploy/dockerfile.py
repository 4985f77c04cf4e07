"""Reads Dockerfiles: stages, and instructions with their flags and words."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile, its continued lines joined."""

    name: str
    flags: dict[str, str]
    rest: str

    @property
    def words(self) -> list[str]:
        """Its arguments; those of a shell form that needs a shell are `sh -c …`."""
        if self.rest.startswith("["):
            found: list[str] = json.loads(self.rest)
            return found
        if self.name in {"RUN", "CMD", "ENTRYPOINT"}:
            return ["sh", "-c", self.rest]
        return shlex.split(self.rest)


@dataclass(frozen=True)
class Stage:
    """One stage: what it begins from, its name, and its instructions without FROM."""

    base: str
    name: str
    instructions: tuple[Instruction, ...]

    def last(self, name: str) -> Instruction | None:
        """Return the last instruction of a kind, which is the one that holds."""
        return next((each for each in reversed(self.instructions) if each.name == name), None)

    @property
    def variables(self) -> dict[str, str]:
        """Return what ENV sets, as it is written."""
        found: dict[str, str] = {}
        for each in self.instructions:
            if each.name == "ENV":
                for word in each.words:
                    key, _, value = word.partition("=")
                    found[key] = value
        return found


def read(file: Path) -> list[Stage]:
    """Return the stages of a Dockerfile."""
    stages: list[Stage] = []
    for name, rest in _lines(file.read_text(encoding="utf-8")):
        flags, rest = _flags(rest)
        if name == "FROM":
            base, *named = rest.split()
            stages.append(Stage(base, named[1] if named else "", ()))
            continue
        if name == "HEALTHCHECK":
            rest = rest.removeprefix("CMD").strip()
        before = stages[-1]
        added = Instruction(name, flags, rest)
        stages[-1] = Stage(before.base, before.name, (*before.instructions, added))
    return stages


def _lines(text: str) -> list[tuple[str, str]]:
    kept = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", "", kept)
    found = [line.strip().partition(" ") for line in joined.splitlines() if line.strip()]
    return [(name.upper(), rest.strip()) for name, _, rest in found]


def _flags(rest: str) -> tuple[dict[str, str], str]:
    flags: dict[str, str] = {}
    while found := re.match(r"--([a-z-]+)(?:=(\S+))?\s+", rest):
        flags[found[1]] = found[2] or ""
        rest = rest[found.end() :]
    return flags, rest

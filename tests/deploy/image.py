"""Lays out what an image would hold, by its Dockerfile: what COPY takes, and nothing else.

RUN is not carried out. What COPY takes of another stage and RUN would have made there is left out
too, and told, so that a stand-in can be put there.
"""

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.dockerfile import Instruction, Stage, read


@dataclass(frozen=True)
class Image:
    """What the last stage of a Dockerfile makes, its files below `root`."""

    root: Path
    stage: Stage
    left_out: list[str] = field(default_factory=list)

    @property
    def user(self) -> str:
        found = self.stage.last("USER")
        return found.rest if found else "0"

    @property
    def workdir(self) -> str:
        found = self.stage.last("WORKDIR")
        return found.rest if found else "/"

    @property
    def command(self) -> list[str]:
        """ENTRYPOINT and CMD, as a container without arguments runs them."""
        parts = (self.stage.last(name) for name in ("ENTRYPOINT", "CMD"))
        return [word for part in parts if part for word in part.words]

    @property
    def healthcheck(self) -> list[str]:
        found = self.stage.last("HEALTHCHECK")
        assert found is not None, "there is no HEALTHCHECK"
        return found.words

    def files(self) -> list[str]:
        """Return the paths of all files, as they are in the container."""
        return sorted(
            str(Path("/") / path.relative_to(self.root))
            for path in self.root.rglob("*")
            if path.is_file()
        )


def laid_out(dockerfile: Path, folder: Path) -> Image:
    """Return the image of a Dockerfile, whose context is its own folder, laid out in `folder`."""
    context = dockerfile.parent
    roots: dict[str, Path] = {}
    image: Image | None = None
    for number, stage in enumerate(read(dockerfile)):
        root = folder / (stage.name or f"stage-{number}")
        root.mkdir(parents=True)
        if stage.base in roots:
            shutil.copytree(roots[stage.base], root, dirs_exist_ok=True)
        image = Image(root, stage)
        where = "/"
        for each in stage.instructions:
            if each.name == "WORKDIR":
                where = str(Path(where) / each.rest)
                _below(root, where).mkdir(parents=True, exist_ok=True)
            elif each.name == "COPY":
                _copy(each, where, image, roots, context)
        roots[stage.name] = root
    assert image is not None
    return image


def taken(context: Path) -> list[Path]:
    """Return the files of a context, relative to it, that its .dockerignore leaves."""
    rules = _rules(context / ".dockerignore")
    kept = [text.lstrip("!") for text in _patterns(context / ".dockerignore") if text[0] == "!"]
    found: list[Path] = []
    for folder, folders, files in os.walk(context):
        here = Path(folder).relative_to(context)
        folders[:] = [
            name
            for name in folders
            if not _ignored(here / name, rules)
            or any(pattern.startswith(f"{here / name}/") for pattern in kept)
        ]
        found += [here / name for name in files if not _ignored(here / name, rules)]
    return sorted(found)


def _copy(
    each: Instruction, where: str, image: Image, roots: dict[str, Path], context: Path
) -> None:
    *sources, target = each.words
    place = _below(image.root, str(Path(where) / target))
    origin = each.flags.get("from")
    files = _tree(roots[origin]) if origin else taken(context)
    base = roots[origin] if origin else context
    for source in sources:
        wanted = Path(os.path.normpath(source.lstrip("/")))
        matching = [path for path in files if path == wanted or wanted in path.parents]
        if str(wanted) == ".":
            matching = files
        if not matching and origin:
            image.left_out.append(str(Path("/") / wanted))
        assert matching or origin, f"COPY {source}: the context has no such file"
        for path in matching:
            into_folder = target.endswith("/") or len(sources) > 1
            copied = place / path.relative_to(wanted) if path != wanted else place
            if path == wanted and (into_folder or place.is_dir()):
                copied = place / path.name
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(base / path, copied)


def _tree(root: Path) -> list[Path]:
    return sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())


def _below(root: Path, path: str) -> Path:
    return root / os.path.normpath(path).lstrip("/")


def _patterns(file: Path) -> list[str]:
    lines = file.read_text().splitlines() if file.exists() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _rules(file: Path) -> list[tuple[bool, re.Pattern[str]]]:
    """Return what a .dockerignore says, in order: whether it takes back, and what it names."""
    return [(text.startswith("!"), _regex(text.lstrip("!"))) for text in _patterns(file)]


def _regex(pattern: str) -> re.Pattern[str]:
    text = re.escape(pattern.strip("/"))
    wild = {r"\*\*/": "(?:.*/)?", r"\*\*": ".*", r"\*": "[^/]*", r"\?": "[^/]"}
    for plain, regex in wild.items():
        text = text.replace(plain, regex)
    return re.compile(text)


def _ignored(path: Path, rules: list[tuple[bool, re.Pattern[str]]]) -> bool:
    ignored = False
    names = [str(path), *map(str, path.parents[:-1])]
    for taken_back, regex in rules:
        if any(regex.fullmatch(name) for name in names):
            ignored = not taken_back
    return ignored

"""All Dockerfiles: as hadolint wants them, pinned, small, not run by root; and what finds that."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.dockerfile import Stage, read
from tests.deploy.image import taken
from tests.deploy.parts import DOCKERFILES
from tests.journeys.project import CODE

PINNED = re.compile(r"^python:3\.11\.\d+-slim-bookworm@sha256:[0-9a-f]{64}$")
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY|MONGODB_URI=", re.IGNORECASE)
NAMES = [str(file.relative_to(CODE)) for file in DOCKERFILES]

each_dockerfile = pytest.mark.parametrize("file", DOCKERFILES, ids=NAMES)


def complaints(stages: list[Stage]) -> list[str]:
    """Return what is not in order, one sentence each."""
    found = []
    final, named = stages[-1], {stage.name for stage in stages}
    for stage in stages:
        if stage.base not in named and not PINNED.match(stage.base):
            found.append(f"{stage.base} is not pinned")
        for each in stage.instructions:
            if each.name in {"ENV", "ARG"} and SECRET.search(each.rest):
                found.append(f"{each.name} has a secret")
            if each.name == "ADD":
                found.append("ADD may fetch or unpack; COPY does not")
            if each.name in {"CMD", "ENTRYPOINT"} and not each.rest.startswith("["):
                found.append(f"{each.name} is run by a shell, which gets the signals")
            if each.name == "RUN" and re.search(r"\bpip .*\binstall ", each.rest):
                if "--require-hashes" not in each.rest:
                    found.append("pip installs what nobody checked")
                if "--no-cache-dir" not in each.rest:
                    found.append("pip leaves its cache in a layer")
                if stage is final:
                    found.append("the final stage installs")
    user = final.last("USER")
    if user is None or not re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user.rest):
        found.append("it runs as root, or by a name that Kubernetes cannot check")
    health = final.last("HEALTHCHECK")
    if health is None or re.search(r"curl|wget|NONE", health.rest):
        found.append("it has no health check that the image can run")
    if final.variables.get("PYTHONUNBUFFERED") != "1":
        found.append("its output may wait in a buffer")
    return found


@each_dockerfile
def test_hadolint_finds_nothing_and_nothing_is_ignored(file: Path) -> None:
    program = str(Path(sys.executable).with_name("hadolint"))
    command = [program, "--no-color", "--disable-ignore-pragma", "--failure-threshold", "style"]
    done = subprocess.run(
        [*command, str(file)], capture_output=True, text=True, timeout=60, check=False, cwd="/"
    )
    assert (done.stdout + done.stderr, done.returncode) == ("", 0)


@each_dockerfile
def test_it_is_pinned_not_run_by_root_and_checks_its_health(file: Path) -> None:
    assert complaints(read(file)) == []


def test_none_is_left_out() -> None:
    found = {CODE / "Dockerfile", *(CODE / "apps").rglob("Dockerfile")}
    assert found == set(DOCKERFILES)


def test_all_images_have_one_base() -> None:
    bases = {stage.base for file in DOCKERFILES for stage in read(file)}
    assert len(bases) == 1


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (r"FROM python:\S+\n", "FROM python:3.11-slim\n", "not pinned"),
        (r"FROM python:\S+ AS", "FROM python:latest AS", "not pinned"),
        (r"USER .*", "USER root", "runs as root"),
        (r"USER .*", "", "runs as root"),
        (r"CMD \[\"python\".*", "CMD curl -f localhost", "no health check"),
        (r"CMD \[\"uvicorn\".*", "CMD uvicorn app:app", "run by a shell"),
        (r"--require-hashes ", "", "nobody checked"),
        (r"--no-cache-dir ", "", "cache in a layer"),
        (r"COPY video_api/.*", "ADD https://example.com/x.tar /app/", "may fetch"),
        (r"DATA_DIR=/data", "MONGODB_URI=mongodb://root:x@y DATA_DIR=/data", "has a secret"),
        (r"PYTHONUNBUFFERED=1", "A=1", "wait in a buffer"),
        (r"WORKDIR /app", "RUN pip install fastapi", "final stage installs"),
    ],
)
def test_what_is_broken_is_found(before: str, after: str, said: str, tmp_path: Path) -> None:
    text = (CODE / "apps/video-library/web_api/Dockerfile").read_text()
    changed = re.sub(before, after, text)
    assert changed != text
    (tmp_path / "Dockerfile").write_text(changed)
    assert [each for each in complaints(read(tmp_path / "Dockerfile")) if said in each]


@each_dockerfile
def test_its_context_lets_in_what_is_named_and_nothing_else(file: Path) -> None:
    """Whatever else comes to lie in the folder, a secret say, does not get into an image."""
    assert (file.parent / ".dockerignore").read_text().splitlines()[1] == "*"


def test_what_is_ignored_is_what_docker_ignores(tmp_path: Path) -> None:
    rules = "# comment\n*\n!app\n!lib/one.py\n**/__pycache__\n*.log\napp/secret*\n!app/secret.md\n"
    (tmp_path / ".dockerignore").write_text(rules)
    kept = ["app/a.py", "app/deep/b.py", "app/secret.md", "lib/one.py", "app/x.log"]
    left = ["a.py", "lib/two.py", "app/__pycache__/a.pyc", "app/secret.toml", "x.log", ".env"]
    for name in kept + left:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [str(path) for path in taken(tmp_path)] == sorted(kept)

"""Makes a volume a project, sets what the container's settings say, and becomes the controller.

A volume that is a project already keeps all that is in it. Only what the container's settings name,
a JSON merge patch (RFC 7396) of config.json, is written there, and `host` where nobody chose one.
Standard library only: it runs before the controller's environment does.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

CODE = Path(__file__).resolve().parents[2]
COMMAND = CODE / "streamlit_controller"
PROJECT = Path(os.environ.get("STREAMLIT_CONTROLLER_PROJECT", "/srv/project"))
SETTINGS = Path(
    os.environ.get("STREAMLIT_CONTROLLER_SETTINGS", "/etc/streamlit-controller/config.json")
)
SAMPLES = os.environ.get("STREAMLIT_CONTROLLER_SAMPLES", "hello").split()
"""Bundled apps that an empty volume gets."""

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a container's own address; what it publishes is its host's


def main(arguments: list[str]) -> None:
    """Make the project ready, then run the controller as this very process."""
    try:
        prepare(PROJECT, patch_in(SETTINGS), SAMPLES)
    except OSError as error:
        sys.exit(
            f"Error: the project in {PROJECT} cannot be written: {error.strerror}: "
            f"{error.filename}\nHint: give the volume to account {os.getuid()} (chown -R "
            f"{os.getuid()}:{os.getgid()}), and mount the whole folder, not config.json alone"
        )
    os.execv(COMMAND, [str(COMMAND), *arguments])  # noqa: S606


def prepare(project: Path, patch: dict[str, Any], samples: list[str]) -> None:
    """Give a volume what is missing of a project; raise OSError where it cannot be written."""
    Path(os.environ.get("HOME", project)).mkdir(parents=True, exist_ok=True)
    config = project / "config.json"
    if not config.exists() and not has_apps(project):
        for name in samples:
            add_sample(name, project)
    (project / "apps").mkdir(exist_ok=True)
    kit = project / "streamlit_kit"
    if not kit.exists() and not kit.is_symlink():
        kit.symlink_to(CODE / "streamlit_kit")  # what bundled apps require as ../../streamlit_kit
    try:
        before = json.loads(config.read_text(encoding="utf-8-sig").strip() or "{}")
    except FileNotFoundError:
        before = {}
    except ValueError:
        return  # the controller says what is wrong with it
    if not isinstance(before, dict):
        return
    after = merged({"host": EVERYWHERE} | before, patch)
    if after != before:
        replace(config, json.dumps(after, indent=4, ensure_ascii=False) + "\n")


def patch_in(file: Path) -> dict[str, Any]:
    """Return the settings of the container; none where the file is not there."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        sys.exit(f"Error: {file} is no JSON: {error}\nHint: correct it where the container gets it")
    if not isinstance(found, dict):
        sys.exit(f"Error: {file} is no JSON object\nHint: write settings as in config.json")
    return found


def merged(document: Any, patch: Any) -> Any:
    """Return a document with a JSON merge patch applied: null removes a key."""
    if not isinstance(patch, dict):
        return patch
    found = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found


def has_apps(project: Path) -> bool:
    apps = project / "apps"
    return apps.is_dir() and any(apps.iterdir())


def add_sample(name: str, project: Path) -> None:
    folder = CODE / "apps" / name
    if not folder.is_dir():
        there = ", ".join(sorted(path.name for path in (CODE / "apps").iterdir()))
        sys.exit(
            f"Error: there is no bundled app {name!r}\n"
            f"Hint: STREAMLIT_CONTROLLER_SAMPLES may name {there}"
        )
    shutil.copytree(folder, project / "apps" / name, copy_function=shutil.copyfile)


def replace(file: Path, text: str) -> None:
    """Replace a file so that a crash leaves the old text or the new one."""
    handle, fresh = tempfile.mkstemp(dir=file.parent, prefix=".config.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as open_file:
            open_file.write(text)
            open_file.flush()
            os.fsync(open_file.fileno())
        Path(fresh).chmod(0o644)
        Path(fresh).replace(file)
    except OSError:
        Path(fresh).unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    main(sys.argv[1:])

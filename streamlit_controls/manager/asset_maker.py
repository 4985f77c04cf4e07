"""A program that makes one folder of front-end files, compressed; slow, and in nobody's way."""

import contextlib
import ctypes
import gzip
import os
import signal
import sys
from pathlib import Path

import brotli  # type: ignore[import-untyped]

from streamlit_controls.core.asset_routes import ADDRESS
from streamlit_controls.core.frontend import Unfit, patched, references
from streamlit_controls.manager.frontends import INDEX, MARK, Frontend, frontend

COMPRESSED = frozenset({".css", ".html", ".js", ".json", ".map", ".svg", ".ttf", ".txt", ".wasm"})

BROTLI_QUALITY = 9
"""Takes 2 s for 23 MB. 10 takes 15 s and saves 4 % of what a page loads, 11 takes 36 s for 5 %."""

LOW = 10
"""How nice it is: much behind whatever starts, and yet done some time on a busy machine."""

PR_SET_PDEATHSIG = 1


def make(front: Frontend, into: Path, mark: str) -> None:
    """Write the files, the page that loads them and, last, a mark of what they were made from.

    Raises Unfit where they must not be served for all.
    """
    index = front.read(INDEX).decode()
    loaded = {name.removeprefix("./") for name in references(index)}
    names = [name for name in front.hashes if name.startswith("static/") or name in loaded]
    page = patched(index, names, f"{ADDRESS}streamlit-{front.version}")
    write(into / "page" / INDEX, page.encode())
    for name in names:
        write(into / "files" / name, front.read(name))
    settle(into)
    (into / MARK).write_text(mark)


def write(path: Path, data: bytes) -> None:
    """Write a file, and beside it what is smaller."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if path.suffix not in COMPRESSED:
        return
    for suffix, small in (
        (".br", brotli.compress(data, quality=BROTLI_QUALITY)),
        (".gz", gzip.compress(data, mtime=0)),
    ):
        if len(small) < len(data):
            path.with_name(path.name + suffix).write_bytes(small)


def settle(folder: Path) -> None:
    """Wait until the disk has it all: browsers keep for a year what they get, half a file too."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file)


def main(python: str, into: str, mark: str) -> None:
    # What is made for a manager that is killed, nobody comes for: its successor begins anew.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(LOW)
    with contextlib.suppress(OSError):
        # A process is nice only within its session, where the kernel groups processes by that.
        Path("/proc/self/autogroup").write_text(str(LOW))
    front = frontend(Path(python))
    if front is None:
        sys.exit("its files are not there any more")
    try:
        make(front, Path(into), mark)
    except (Unfit, OSError, UnicodeDecodeError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])

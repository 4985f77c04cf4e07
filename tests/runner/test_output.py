"""What an app prints is dropped where its log cannot be written, and nothing else changes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runner.processes import RUNNER

WAYS = pytest.mark.parametrize("flags", [["-u"], []], ids=["unbuffered", "buffered"])

BEGIN = f"""
import io, json, logging, os, resource, sys
sys.path.insert(0, {str(RUNNER)!r})
import controller_output
"""

DESCRIBE = """
def described(stream):
    raw = getattr(stream.buffer, "raw", stream.buffer)
    return [
        stream.encoding, stream.errors, stream.newlines, stream.line_buffering, repr(stream),
        stream.write_through, stream.mode, stream.name, stream.fileno(), stream.isatty(),
        hasattr(stream.buffer, "raw"), raw.mode, raw.name, raw.closefd,
    ]

def all_streams():
    return [described(each) for each in (sys.stdout, sys.__stdout__, sys.stderr, sys.__stderr__)]

before, kinds = all_streams(), [type(sys.stdout), type(sys.stdout.buffer)]
controller_output.spare_the_app()
assert all_streams() == before, (all_streams(), before)
assert isinstance(sys.stdout, kinds[0]) and isinstance(sys.stdout.buffer, kinds[1])
assert sys.stdout is sys.__stdout__ and sys.stderr is sys.__stderr__
"""

FILL = """
def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

controller_output.spare_the_app()
controller_output.spare_the_app()
logging.basicConfig(format="%(message)s")
logging.raiseExceptions = True
print("first", flush=True)
limit(4096)
for _ in range(300):
    print("twenty characters.", flush=True)
    logging.warning("twenty characters.")
    sys.stderr.write("twenty characters.")
print("äöü", file=sys.stderr)
limit(resource.RLIM_INFINITY)
print("last")
logging.error("the very last")
"""

ELSEWHERE = """
controller_output.spare_the_app()
os.close(1)
try:
    print("gone", flush=True)
except OSError as error:
    print(type(error).__name__, error.errno, file=sys.stderr)
sys.stdout = None
"""


def run(folder: Path, flags: list[str], script: str) -> str:
    """Run a script whose output is a file, as an app's is; return what it wrote."""
    log = folder / "hello.log"
    with log.open("ab") as output:
        command = [sys.executable, *flags, "-c", BEGIN + script]
        done = subprocess.run(command, stdout=output, stderr=output, timeout=60, check=False)
    assert done.returncode == 0, log.read_text()[-2000:]
    return log.read_text()


@WAYS
def test_the_streams_are_what_they_were(tmp_path: Path, flags: list[str]) -> None:
    assert run(tmp_path, flags, DESCRIBE) == ""


@WAYS
def test_what_cannot_be_written_is_dropped_and_the_log_says_so(
    tmp_path: Path, flags: list[str]
) -> None:
    said = run(tmp_path, flags, FILL)
    assert said.startswith("first\n")
    assert "last\n" in said
    assert "the very last\n" in said
    assert "Error" not in said
    lost = sum(map(int, re.findall(r"\[(\d+) bytes are missing here: File too large\]", said)))
    written = 300 * 3 * len("twenty characters.") + 600
    assert lost > written / 2


@WAYS
def test_other_errors_are_raised_as_ever(tmp_path: Path, flags: list[str]) -> None:
    assert run(tmp_path, flags, ELSEWHERE) == "OSError 9\n"


def test_what_is_no_file_is_left_alone() -> None:
    """Nor what has taken the place of a stream."""
    script = """
streams = sys.stdout, sys.stderr
sys.stderr = io.StringIO()
controller_output.spare_the_app()
print(json.dumps([sys.stdout is streams[0], type(sys.stderr).__name__]))
sys.stderr = None
controller_output.spare_the_app()
"""
    command = [sys.executable, "-c", BEGIN + script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == [True, "StringIO"]

"""Stands for the keeper: comes up, refuses or dies, as FAKE_KEEPER says."""

import argparse
import json
import os
import sys
from pathlib import Path

from streamlit_controls.project import Project
from tests.controller import documents
from tests.controller.fake_manager import FakeManager, outcome, progress, reply


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--ready-fd", type=int, required=True)
    arguments = parser.parse_args()
    way = os.environ["FAKE_KEEPER"]
    if way == "dies":
        sys.stderr.write("ImportError: no module named manager\n")
        return 1
    if way != "comes up":
        os.write(arguments.ready_fd, json.dumps({"ok": False, "error": json.loads(way)}).encode())
        os.write(arguments.ready_fd, b"\n")
        return 1
    with FakeManager(
        Project(arguments.project),
        status=[reply(documents.status(pid=os.getpid()))],
        start=[
            progress("hello", "starting", "started as pid 4711 on port 8501"),
            progress("hello", "running", "answers"),
            reply(outcome(hello="running")),
        ],
        shutdown=[progress("hello", "stopped"), reply({"stopped": 3})],
    ) as manager:
        os.write(arguments.ready_fd, b'{"ok": true}\n')
        os.close(arguments.ready_fd)
        manager.ended.wait(30)
    return 0


if __name__ == "__main__":
    sys.exit(main())

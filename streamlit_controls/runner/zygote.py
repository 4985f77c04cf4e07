"""Holds an environment's packages imported, and forks: each fork becomes one instance.

It speaks on a socket whose other end the manager holds, one JSON object a packet. First it tells
`{"ready": true}`, or `{"unsuitable": why}` and ends. Then, for `{"do": "fork", "number": …}` with a
socket beside it, it forks a process that waits on that socket for what to become, and answers
`{"forked": pid, "number": …}`: who asked may have given up before. For `{"do": "reap", "pid": …}`
it answers `{"reaped": pid, "code": …}`. It ends when the manager's end is closed.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import socket
import sys
from typing import Any

import becoming
import controller_home
import preloading
from controller_output import spare_the_app
from controller_report import forget_own_folder

PACKET = 4096
"""Bytes of a message to the zygote; all are tiny."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--control-fd", type=int, required=True)
    parser.add_argument("--preload", action="append", default=[], metavar="MODULE")
    parser.add_argument("--room", help="a place for the names of forks")
    arguments = parser.parse_args()
    control = socket.socket(fileno=arguments.control_fd)
    os.set_inheritable(arguments.control_fd, False)
    spare_the_app()  # before anybody keeps hold of the streams
    forget_own_folder()
    imported, began = {"service.py": frozenset(sys.modules)}, {"page.py": dict(os.environ)}
    preloading.import_server()
    imported["page.py"], began["service.py"] = frozenset(sys.modules), dict(os.environ)
    missing, unsuitable = preloading.prepare(arguments.preload)
    if unsuitable:
        tell(control, unsuitable=unsuitable, missing=missing)
        return
    set_by = {
        program: {name: os.environ[name] for name in os.environ if name not in variables}
        for program, variables in began.items()
    }
    at_home = controller_home.mentions(os.path.expanduser("~"))
    # What is here stays for good: neither a collection in a fork nor one here need touch it, so
    # that its memory stays shared.
    gc.collect()
    gc.freeze()
    ctypes.CDLL(None).fflush(None)  # else each fork would write what is left
    tell(control, ready=True, missing=missing)
    order = serve(control)
    if order is not None:
        becoming.become(order, becoming.Past(imported, set_by, at_home))


def serve(control: socket.socket) -> socket.socket | None:
    """Fork on request until the manager goes; in a fork, return where it hears what to become."""
    while True:
        try:
            data, descriptors, _, _ = socket.recv_fds(control, PACKET, 1)
        except ConnectionResetError:  # the manager was killed with something unread
            return None
        if not data:
            return None
        request: dict[str, Any] = json.loads(data)
        if request["do"] == "reap":
            tell(control, reaped=request["pid"], code=reap(request["pid"]))
            continue
        pid = os.fork()
        if pid == 0:
            control.close()
            return socket.socket(fileno=descriptors[0])
        os.close(descriptors[0])
        tell(control, forked=pid, number=request["number"])


def reap(pid: int) -> int | None:
    """Return the exit code, or minus the signal, of a fork that has ended."""
    try:
        _, status = os.waitpid(pid, 0)
    except ChildProcessError:
        return None
    return os.waitstatus_to_exitcode(status)


def tell(control: socket.socket, **values: Any) -> None:
    """Send one message; where nobody listens any more, the next read says so."""
    try:
        control.send(json.dumps(values).encode())
    except OSError:
        pass


if __name__ == "__main__":
    main()

"""Speaks as a zygote does, and imports nothing: its forks wait for an order, then for their end."""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path


def main(control: socket.socket, says: dict[str, object]) -> None:
    control.send(json.dumps(says).encode())
    if not says.get("ready"):
        return
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 4096, 1)
        if not data:
            return
        request = json.loads(data)
        until = time.monotonic() + float(str(says.get("works", 0)))
        while time.monotonic() < until:
            pass
        time.sleep(float(str(says.get("hangs", 0))))
        if request["do"] == "reap":
            _, status = os.waitpid(request["pid"], 0)
            code = os.waitstatus_to_exitcode(status)
            control.send(json.dumps({"reaped": request["pid"], "code": code}).encode())
        elif (pid := os.fork()) == 0:
            control.close()
            wait(socket.socket(fileno=descriptors[0]))
        else:
            os.close(descriptors[0])
            control.send(json.dumps({"forked": pid, "number": request["number"]}).encode())


def wait(orders: socket.socket) -> None:
    """Write the order to the log that comes with it, then wait; end where none comes."""
    data, descriptors, _, _ = socket.recv_fds(orders, 65536, 8)
    if not data:
        os._exit(0)
    os.setsid()
    os.write(descriptors[0], data)
    signal.pause()
    os._exit(1)


if __name__ == "__main__":
    number = int(sys.argv[sys.argv.index("--control-fd") + 1])
    says = json.loads(Path(sys.argv[0]).with_name("says.json").read_text())
    main(socket.socket(fileno=number), says)

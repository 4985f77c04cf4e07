"""A manager of no apps, for tests of the keeper: lives beside a copy of the keeper's code.

Each life appends a line to `lives`: its pid and the descriptors that it was given. It then does
what its line of the file `orders` says, word by word, and waits for its end; the last line is for
all further lives.
"""

import argparse
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--project", type=Path, required=True)
parser.add_argument("--link-fd", type=int, required=True)
parser.add_argument("--ready-fd", type=int)
arguments = parser.parse_args()
link = socket.socket(fileno=arguments.link_fd)


def tell(do: str, name: str = "", descriptors: tuple[int, ...] = ()) -> None:
    message = {"do": do, "name": name} if name else {"do": do}
    socket.send_fds(link, [json.dumps(message).encode()], list(descriptors))


def leave(*_: object) -> None:
    tell("leave")
    os._exit(0)


given: dict[str, int] = {}
while True:
    data, descriptors, _, _ = socket.recv_fds(link, 4096, 1)
    name = json.loads(data)["name"]
    if name is None:
        break
    given[name] = descriptors[0]
with (arguments.project / "lives").open("a+") as lives:
    lives.seek(0)
    life = len(lives.readlines())
    lives.write(json.dumps({"pid": os.getpid(), "given": sorted(given)}) + "\n")
orders = (arguments.project / "orders").read_text().splitlines()
for order in orders[min(life, len(orders) - 1)].split():
    match order.split("="):
        case ["listen"]:
            if "port:listening" not in given:
                listener = socket.socket()
                listener.bind(("127.0.0.1", 0))
                listener.listen(1024)
                (arguments.project / "port").write_text(str(listener.getsockname()[1]))
                tell("store", "port:listening", (listener.fileno(),))
        case ["store", what]:
            tell("store", what, (0,))
        case ["drop", what]:
            tell("drop", what)
        case ["ready"]:
            signal.signal(signal.SIGTERM, leave)
            tell("ready")
            if arguments.ready_fd is not None:
                os.write(arguments.ready_fd, b'{"ok": true}\n')
        case ["beat"]:
            tell("beat")
        case ["reload"]:
            tell("reload")
            os._exit(0)
        case ["orphan"]:
            child = os.fork()
            if not child:
                os.setsid()
                time.sleep(600)
            (arguments.project / "orphan").write_text(str(child))
        case ["crash"]:
            os._exit(1)
        case ["exit"]:
            sys.exit(0)
while True:
    signal.pause()

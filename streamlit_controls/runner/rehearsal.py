"""Serves a page once for real, in a fork that ends, and imports whatever that took.

Which modules a server and a page need late, after `import streamlit`, differs from release to
release; so they are not written down here but seen. Nothing else of the rehearsal is kept.
"""

from __future__ import annotations

import base64
import contextvars
import importlib
import inspect
import json
import logging
import os
import runpy
import select
import signal
import socket
import struct
import sys
import threading
import traceback
import warnings
from typing import Any, BinaryIO

PATIENCE = 30.0
"""Seconds for one step of it."""

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rehearsal_script.py")
BASE = "/app/rehearsal/~rehearsal"


def learn() -> None:
    """Import what the rehearsal imported; where it fails, later starts merely take longer."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        os.setsid()
        try:
            perform(write)
        except BaseException:  # noqa: BLE001 - a fork must not go on as the zygote
            traceback.print_exc()
        os._exit(1)
    os.close(write)
    try:
        names = _hear(read)
    finally:
        os.close(read)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    for name in names:
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except Exception:  # noqa: BLE001, S112 - some exist only as part of something else
                continue
    remember_manifests()
    lighten_options()
    run_once()
    inspect.stack()  # a first page asks for it, and it looks at every module once


def _hear(read: int) -> list[str]:
    text = b""
    while select.select([read], [], [], PATIENCE)[0]:
        data = os.read(read, 65536)
        if not data:
            break
        text += data
    return json.loads(text) if text else []


def perform(write: int) -> None:
    """Serve the page to a visitor of our own; tell which modules there are then."""
    import page
    import streamlit

    known = set(sys.modules)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()

    def visit_and_tell() -> None:
        try:
            visit(listener.getsockname()[1])
            names = [name for name in list(sys.modules) if name not in known]
            with os.fdopen(write, "w") as pipe:
                json.dump(names, pipe)
        except BaseException:  # noqa: BLE001 - the same
            traceback.print_exc()
        os._exit(0)

    threading.Thread(target=visit_and_tell, daemon=True).start()
    nobody = page.Report(os.open(os.devnull, os.O_WRONLY))
    page.serve(streamlit.App, SCRIPT, BASE, [listener], nobody)


def visit(port: int) -> None:
    """Ask what a browser asks: health, the page's socket, one run of the script."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    for path in ("/_stcore/health", "/_stcore/host-config", "/_stcore/script-health-check", "/"):
        ask(port, path)
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        key = base64.b64encode(os.urandom(16)).decode()
        connection.sendall(
            f"GET {BASE}/_stcore/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Protocol: streamlit\r\n\r\n".encode()
        )
        stream = connection.makefile("rb")
        while stream.readline().strip():
            pass  # the answer's head
        message = BackMsg()
        message.rerun_script.query_string = ""
        connection.sendall(frame(message.SerializeToString()))
        while ForwardMsg.FromString(payload(stream)).WhichOneof("type") != "script_finished":
            pass


def ask(port: int, path: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        head = f"GET {BASE}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        while connection.recv(65536):
            pass


def frame(data: bytes) -> bytes:
    """Return one masked binary websocket frame, as clients send them."""
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
    return struct.pack("!BBH", 0x82, 0x80 | 126, len(data)) + mask + masked


def payload(stream: BinaryIO) -> bytes:
    """Return the next binary message of a websocket; Streamlit's come in one frame each."""
    while True:
        first, size = stream.read(2)
        if size == 126:
            (size,) = struct.unpack("!H", stream.read(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", stream.read(8))
        data = stream.read(size)
        if first & 0x0F == 0x02:
            return data


def run_once() -> None:
    """Run the page here as well, without a server: what it compiles and looks up stays known."""
    logging.disable(logging.CRITICAL)  # it warns, rightly, that nobody sees what the page shows
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what was warned of here, an app would not hear of
            contextvars.copy_context().run(runpy.run_path, SCRIPT)
    except Exception:  # noqa: BLE001 - the same
        traceback.print_exc()
    finally:
        logging.disable(logging.NOTSET)


def remember_manifests() -> None:
    """Have forks use one scan of the environment for components: it reads every package."""
    scanner = sys.modules.get("streamlit.components.v2.manifest_scanner")
    scan = getattr(scanner, "scan_component_manifests", None)
    if scan is not None:
        found = scan()
        scanner.scan_component_manifests = lambda *_, **__: list(found)  # type: ignore[union-attr]


def lighten_options() -> None:
    """Have Streamlit's options copied as what they are, a name and a value, when they are read.

    Each start copies all of them, in depth, which takes as long as the fork itself.
    """
    kind = getattr(sys.modules.get("streamlit.config_option"), "ConfigOption", None)
    if kind is None or hasattr(kind, "__slots__") or hasattr(kind, "__deepcopy__"):
        return

    def lightly(option: Any, _: Any) -> Any:
        made = object.__new__(kind)
        for name, value in vars(option).items():
            made.__dict__[name] = list(value) if isinstance(value, list) else value
        return made

    kind.__deepcopy__ = lightly

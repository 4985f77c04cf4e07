"""The site's process: serves on a listening socket that the manager hands down."""

import argparse
import gc
import logging
import signal
import socket
import sys
from pathlib import Path

SHUTDOWN_SECONDS = 2
FIRST_SECONDS = 2.0
"""Seconds for which the first visitors wait for the manager's first word, rather than hear that
there is none: it comes within milliseconds, if there is a manager that can speak."""

KEEP_ALIVE_SECONDS = 150
"""Longer than the gateway keeps an idle connection, so that the gateway is the one to close."""


def main() -> None:
    """Read the arguments and serve until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    gc.disable()  # what is imported now stays: looking through it only delays the first answer
    parser = argparse.ArgumentParser(prog="python -m streamlit_site")
    parser.add_argument("--project", type=Path, required=True, help="the project's folder")
    parser.add_argument("--fd", type=int, required=True, help="an inherited listening TCP socket")
    options = parser.parse_args()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    serve(options.project.resolve(), socket.socket(fileno=options.fd))


def serve(root: Path, listener: socket.socket) -> None:
    """Serve the site of a project on a socket."""
    from a2wsgi import WSGIMiddleware
    from uvicorn import Config, Server

    from streamlit_controls.project import Project
    from streamlit_site import create_app
    from streamlit_site.snapshots import Snapshots

    # A websocket of an app that cannot answer comes here; its 503 says all that there is to say.
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    snapshots = Snapshots.of_project(Project(root))
    snapshots.start()
    server = Server(
        Config(
            WSGIMiddleware(create_app(snapshots, root)),  # type: ignore[arg-type]
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
    )
    gc.freeze()
    gc.enable()
    snapshots.wait_for_first(FIRST_SECONDS)
    # The server puts the handlers that it finds back at its end, and raises the signal again.
    signal.signal(signal.SIGTERM, server.handle_exit)
    signal.signal(signal.SIGINT, server.handle_exit)
    server.run(sockets=[listener])


def _is_news(record: logging.LogRecord) -> bool:
    text = record.getMessage()
    return not text.startswith(("Unsupported upgrade", "No supported WebSocket"))


if __name__ == "__main__":
    main()

"""Serves a service's ASGI app with uvicorn on a socket that the manager listens on already."""

from __future__ import annotations

import argparse
import gc
import os
import socket
import sys
from typing import Any

from controller_report import Report, forget_own_folder


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("app")
    parser.add_argument("--root-path", default="")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--report-fd", type=int, required=True)
    arguments = parser.parse_args()
    report = Report(arguments.report_fd)
    listener = socket.socket(fileno=arguments.fd)

    forget_own_folder()
    sys.path.insert(0, os.getcwd())
    import uvicorn

    class Server(uvicorn.Server):
        """Tells when it serves: the socket alone cannot, as another process may share it."""

        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                gc.collect()
                gc.freeze()
                report.update(serving=True)
                report.flush()

    config = uvicorn.Config(
        arguments.app,
        root_path=arguments.root_path,
        timeout_graceful_shutdown=5,
        access_log=False,
    )
    server = Server(config)
    server.run(sockets=[listener])
    if not server.started:
        sys.exit(3)


if __name__ == "__main__":
    main()

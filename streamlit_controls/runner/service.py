"""Serves a service's ASGI app with uvicorn on a socket that the manager listens on already."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import types

from controller_activity import Activity, Watched
from controller_output import spare_the_app
from controller_probed import Probed
from controller_report import Report, forget_own_folder
from controller_server import server
from controller_trace import show_on_request


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("app")
    parser.add_argument("--root-path", default="")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--probe-fd", type=int, default=-1)
    parser.add_argument("--report-fd", type=int, required=True)
    arguments = parser.parse_args()
    report = Report(arguments.report_fd)
    show_on_request()
    # Others may serve the same port: by the second one, this very process is asked how it is.
    listener = socket.socket(fileno=arguments.fd)
    sockets = [listener]
    if arguments.probe_fd >= 0:
        sockets.append(socket.socket(fileno=arguments.probe_fd))

    spare_the_app()
    forget_own_folder()
    # Child processes that the app starts by multiprocessing run the main module first, and would
    # not find what this one imports.
    sys.modules["__main__"] = types.ModuleType("__main__")
    sys.path.insert(0, os.getcwd())
    import uvicorn

    activity = Activity(report)

    def serving() -> None:
        """Tell that it serves: a socket that others share cannot."""
        report.update(serving=True)
        activity.tell()

    how = uvicorn.Config(
        arguments.app,
        root_path=arguments.root_path,
        timeout_graceful_shutdown=5,
        access_log=False,
    )
    how.load()
    probed = Probed(how.loaded_app, listener.getsockname()[1])
    how.loaded_app = Watched(probed, activity)
    serves = server(how, activity, serving, activity.is_quiet, shares_socket=True)
    serves.run(sockets=sockets)
    if not serves.started:
        sys.exit(3)


if __name__ == "__main__":
    main()

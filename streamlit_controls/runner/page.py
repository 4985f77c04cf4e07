"""Serves one Streamlit app on a socket that the manager listens on already."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import time
import traceback
from typing import Any, NoReturn

from controller_activity import Activity
from controller_host import Hosted
from controller_output import spare_the_app
from controller_report import Report, forget_own_folder
from controller_server import server
from controller_sessions import Sessions, UncaughtErrors, summary
from controller_trace import show_on_request

FLUSH_SECONDS = 0.001


def options(base_path: str, port: int) -> dict[str, Any]:
    """Return the Streamlit options that hosting decides, by their names as flags."""
    return {
        "server_baseUrlPath": base_path.strip("/"),
        "server_port": port,
        "server_address": "127.0.0.1",
        "server_headless": True,
        "server_fileWatcherType": "none",
        "server_scriptHealthCheckEnabled": True,
        "browser_gatherUsageStats": False,
        "global_developmentMode": False,
        "logger_enableRich": False,
    }


def uvicorn_options() -> dict[str, Any]:
    """Return what Streamlit itself gives uvicorn, where this release tells."""
    from streamlit.web.server.starlette import starlette_server

    ask = getattr(starlette_server, "_get_uvicorn_config_kwargs", None)
    return dict(ask()) if ask else {"access_log": False}


def refuse(report: Report, reason: str) -> NoReturn:
    """End, having told that another try would end the same."""
    report.update(refused=reason)
    report.flush()
    sys.exit(1)


def check_syntax(script: str, report: Report) -> None:
    """End where the script cannot be compiled: no request could ever be answered."""
    try:
        with open(script, "rb") as file:
            compile(file.read(), script, "exec", dont_inherit=True)
    except SyntaxError as error:
        traceback.print_exception(error, limit=0)
        refuse(report, summary(error))
    except (OSError, ValueError) as error:
        refuse(report, f"{os.path.basename(script)} cannot be read: {error}")


def run_as_command(script: str, base_path: str, listener: socket.socket, report: Report) -> None:
    """Become `streamlit run`, for releases without st.App, which bind their port themselves."""
    port = listener.getsockname()[1]
    listener.close()
    report.update(binds_itself=True)
    report.flush()
    until = time.monotonic() + 10
    while not is_free(port) and time.monotonic() < until:
        time.sleep(0.02)  # the manager is about to close its own copy of the socket
    flags = [
        f"--{name.replace('_', '.', 1)}={str(value).lower() if value in (True, False) else value}"
        for name, value in options(base_path, port).items()
        if name != "server_port"
    ]
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", *flags]
    os.execv(sys.executable, command)


def is_free(port: int) -> bool:
    """Tell whether nobody listens on a port of loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("script")
    parser.add_argument("--base-path", required=True)
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--upstream-fd", type=int, required=True)
    parser.add_argument("--report-fd", type=int, required=True)
    arguments = parser.parse_args()
    script = os.path.abspath(arguments.script)
    report = Report(arguments.report_fd)
    show_on_request()
    # Made from the descriptor, the socket knows its protocol: without it asyncio would leave
    # Nagle's algorithm on, and each small answer would wait 40 ms for an acknowledgement.
    listener = socket.socket(fileno=arguments.fd)
    upstream = socket.socket(fileno=arguments.upstream_fd)

    spare_the_app()
    forget_own_folder()
    check_syntax(script, report)
    try:
        import streamlit
    except ModuleNotFoundError as error:
        if error.name != "streamlit":
            raise
        refuse(report, f"there is no Streamlit in its environment, {sys.prefix}")
    app_class = getattr(streamlit, "App", None)
    if app_class is None:
        upstream.close()
        run_as_command(script, arguments.base_path, listener, report)
    serve(app_class, script, arguments.base_path, [listener, upstream], report)


def send_soon() -> None:
    """Have Streamlit gather what a run shows for a moment, not for longer than the run takes.

    It sends every 5 ms; a short run is over before, and its visitor waits for the rest of them.
    """
    module = sys.modules.get("streamlit.runtime.runtime")
    if hasattr(module, "MESSAGE_FLUSH_INTERVAL_SECS"):
        vars(module)["MESSAGE_FLUSH_INTERVAL_SECS"] = FLUSH_SECONDS


def serve(
    app_class: Any, script: str, base_path: str, sockets: list[socket.socket], report: Report
) -> None:
    """Serve the script on its port, the first of the sockets, and on the others, until a signal."""
    import uvicorn
    from streamlit import config
    from streamlit.web import bootstrap

    config._main_script_path = script
    bootstrap.load_config_options(options(base_path, sockets[0].getsockname()[1]))
    sys.path.insert(0, os.path.dirname(script))
    sys.argv = [script]
    send_soon()
    activity = Activity(report)
    app = Sessions(Hosted(app_class(script)), base_path, report, activity)
    logging.getLogger("streamlit.error_util").addHandler(UncaughtErrors(app))
    # Both sockets are reached from this machine only; the gateway tells who it is for.
    own = {"timeout_graceful_shutdown": 3, "log_level": "warning", "forwarded_allow_ips": "*"}
    how = uvicorn.Config(app, **{**uvicorn_options(), **own})
    report.update(sessions=0, runs=0, errors=0, error=None)
    # uvicorn, having ended upon a signal, raises it once more: what is registered for the end runs.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    serves = server(how, activity, serving=activity.note, is_left=app.are_gone)
    serves.run(sockets=sockets)


if __name__ == "__main__":
    main()

"""Serves one Streamlit app on a socket that the manager listens on already."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import re
import socket
import sys
import time
import traceback
from typing import Any, NoReturn

from controller_report import Report, forget_own_folder

STREAM = "/_stcore/stream"
SMALL = 512
"""Bytes of a message above which it is not looked into: the one that ends a run is tiny."""


class Instrumented:
    """The ASGI app around Streamlit's: counts sessions and runs, and knows its address.

    A request for an instance that is gone comes here when this one has taken its place: it is
    answered as if it were for this one, so that an open tab lives on.
    """

    def __init__(self, app: Any, base_path: str, report: Report) -> None:
        self._app = app
        self._report = report
        self._sessions = 0
        self._runs = 0
        self._errors = 0
        self._failed_at = 0.0
        self._base = base_path
        app_path = base_path.rpartition("/~")[0]
        self._others = re.compile(f"^{re.escape(app_path)}/~[^/]+(?=/|$)")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = self._addressed(scope)
        if scope["type"] == "websocket" and scope["path"].endswith(STREAM):
            await self._session(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def failed(self, error: BaseException) -> None:
        """Note that a run of the script raised; Streamlit shows it as it always does."""
        self._failed_at = time.monotonic()
        self._errors += 1
        self._report.update(errors=self._errors, error=summary(error))
        self._report.flush()  # the answer to a health check must not overtake it

    def _addressed(self, scope: Any) -> Any:
        path = scope["path"]
        if path.startswith(self._base + "/"):
            return scope
        own = self._others.sub(self._base, path, count=1)
        return {**scope, "path": own, "raw_path": own.encode()}

    async def _session(self, scope: Any, receive: Any, send: Any) -> None:
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        asked_at: list[float] = []

        async def received() -> Any:
            message = await receive()
            if message["type"] == "websocket.receive" and not asked_at:
                asked_at.append(time.monotonic())
            return message

        async def sent(message: Any) -> None:
            await send(message)
            data = message.get("bytes")
            if data and len(data) <= SMALL:
                forward = ForwardMsg.FromString(data)
                if forward.WhichOneof("type") == "script_finished":
                    self._finished(asked_at)

        self._sessions += 1
        self._report.update(sessions=self._sessions)
        try:
            await self._app(scope, received, sent)
        finally:
            self._sessions -= 1
            self._report.update(sessions=self._sessions)

    def _finished(self, asked_at: list[float]) -> None:
        began = asked_at.pop() if asked_at else time.monotonic()
        self._runs += 1
        self._report.update(runs=self._runs, run_seconds=round(time.monotonic() - began, 4))
        if began > self._failed_at:
            self._report.update(error=None)


class UncaughtErrors(logging.Handler):
    """Hears of each script run that raised.

    Streamlit's `on_script_error` is not told of syntax errors nor of the health check's own run;
    its log is told of all.
    """

    def __init__(self, app: Instrumented) -> None:
        super().__init__()
        self._app = app

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self._app.failed(record.exc_info[1])


def summary(error: BaseException) -> str:
    """Return an error as a traceback's last line, with the place where it was raised."""
    if isinstance(error, SyntaxError):
        place = f"{os.path.basename(error.filename or '')}, line {error.lineno}"
        return f"{type(error).__name__}: {error.msg} ({place})"
    lines = traceback.format_exception_only(type(error), error)
    last = "".join(lines).strip().splitlines()[-1][:500]
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    if not own:
        return last
    return f"{last} ({os.path.basename(own[-1].filename)}, line {own[-1].lineno})"


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
    # Made from the descriptor, the socket knows its protocol: without it asyncio would leave
    # Nagle's algorithm on, and each small answer would wait 40 ms for an acknowledgement.
    listener = socket.socket(fileno=arguments.fd)
    upstream = socket.socket(fileno=arguments.upstream_fd)

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
    app = Instrumented(app_class(script), base_path, report)
    logging.getLogger("streamlit.error_util").addHandler(UncaughtErrors(app))
    # Both sockets are reached from this machine only; the gateway tells who it is for.
    own = {"timeout_graceful_shutdown": 3, "log_level": "warning", "forwarded_allow_ips": "*"}
    server = uvicorn.Server(uvicorn.Config(app, **{**uvicorn_options(), **own}))
    report.update(sessions=0, runs=0, errors=0, error=None)
    # What is imported by now stays for good: a collection after each script run need not walk it.
    gc.collect()
    gc.freeze()
    server.run(sockets=sockets)


if __name__ == "__main__":
    main()

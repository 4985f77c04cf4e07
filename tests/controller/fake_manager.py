"""A manager that says what a test wants: the control protocol on a free port."""

import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from streamlit_controls.project import Project
from tests.controller import documents

Message = dict[str, Any]
Answer = Callable[[dict[str, Any]], Iterable[Message]]


def progress(
    app: str | None, state: str, message: str = "", *, service: str | None = None
) -> Message:
    return {
        "type": "progress",
        "app": app,
        "service": service,
        "state": state,
        "message": message,
    }


def reply(result: dict[str, Any]) -> Message:
    return {"type": "reply", "ok": True, "result": result}


def failure(
    code: str,
    message: str,
    hint: str = "",
    exit_code: int = 1,
    result: dict[str, Any] | None = None,
) -> Message:
    error = {"code": code, "message": message, "hint": hint, "exit_code": exit_code}
    return {"type": "reply", "ok": False, "error": error, "result": result or {}}


def outcome(**states: str) -> dict[str, Any]:
    apps: dict[str, Any] = {
        key: {"state": state, "error": None, "log": [], "services": {}}
        for key, state in states.items()
    }
    return {"url": documents.URL, "apps": apps}


class FakeManager:
    """Answers the verbs it was given answers for, and remembers what it was asked."""

    def __init__(self, project: Project, **answers: Iterable[Message] | Answer) -> None:
        self.project = project
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Iterable[Message] | Answer] = {
            "status": [reply(documents.status())],
            **answers,
        }
        self.ended = threading.Event()
        fake = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                fake.answer(self)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def port(self) -> int:
        address: tuple[str, int] = self._server.socket.getsockname()
        return address[1]

    def __enter__(self) -> Self:
        self.project.run.mkdir(parents=True, exist_ok=True)
        self.project.token_file.write_text("secret\n")
        self.project.address_file.write_text(f"127.0.0.1:{self.port}\n")
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.project.address_file.unlink(missing_ok=True)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def answer(self, handler: socketserver.StreamRequestHandler) -> None:
        request = json.loads(handler.rfile.readline())
        assert request["token"] == "secret"
        verb, args = request["verb"], request["args"]
        self.asked.append((verb, args))
        found = self.answers.get(verb, [failure("protocol", f"unknown verb {verb!r}")])
        for message in found(args) if callable(found) else found:
            handler.wfile.write(json.dumps(message).encode() + b"\n")
        handler.connection.shutdown(socket.SHUT_WR)
        if verb == "shutdown":
            self.ended.set()

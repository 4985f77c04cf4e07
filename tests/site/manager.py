"""A stand-in for the manager's control port: hands out snapshots to whoever watches."""

import json
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

TOKEN = "the-token"


class Manager:
    """Listens on a free port of a project, answers `watch`, and can hang up."""

    def __init__(self, root: Path) -> None:
        self.requests: list[dict[str, Any]] = []
        self._clients: list[socket.socket] = []
        self._lock = threading.Lock()
        self._snapshot: dict[str, Any] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        run = root / ".state" / "run"
        run.mkdir(parents=True, exist_ok=True)
        (run / "token").write_text(TOKEN)
        (run / "address").write_text(f"127.0.0.1:{self._listener.getsockname()[1]}\n")
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listener.close()
        self.hang_up()

    def publish(self, snapshot: dict[str, Any]) -> None:
        with self._lock:
            self._snapshot = snapshot
            for client in self._clients:
                self._send(client)

    def hang_up(self) -> None:
        with self._lock:
            for client in self._clients:
                client.close()
            self._clients.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.settimeout(5)
            with client.makefile("rb") as lines:
                request = json.loads(lines.readline())
            with self._lock:
                self.requests.append(request)
                if self._snapshot is not None:
                    self._send(client)
                self._clients.append(client)

    def _send(self, client: socket.socket) -> None:
        line = json.dumps({"type": "snapshot", "snapshot": self._snapshot}) + "\n"
        client.sendall(line.encode())

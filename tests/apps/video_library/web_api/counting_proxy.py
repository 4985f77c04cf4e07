"""A TCP proxy that counts what a server sends."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Count:
    """Where the proxy listens, and how many bytes came from the server."""

    port: int
    bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, count: int) -> None:
        with self._lock:
            self.bytes += count


@contextlib.contextmanager
def counting_proxy(host: str, port: int) -> Iterator[Count]:
    """Listen on a free port, and pass everything on."""
    sockets: list[socket.socket] = []
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        count = Count(listening.getsockname()[1])

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listening.accept()
                    server = socket.create_connection((host, port))
                    sockets.extend((client, server))
                    begin(pump, client, server, lambda _: None)
                    begin(pump, server, client, count.add)

        def begin(work: Callable[..., None], *arguments: object) -> None:
            thread = threading.Thread(target=work, args=arguments, daemon=True)
            threads.append(thread)
            thread.start()

        begin(accept)
        try:
            yield count
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for each in sockets:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join(10)
            for each in sockets:
                each.close()


def pump(source: socket.socket, target: socket.socket, note: Callable[[int], None]) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 18):
            note(len(data))
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)

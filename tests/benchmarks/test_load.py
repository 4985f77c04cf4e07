"""The load: counts whole answers only, with a length or in pieces."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from benchmarks.load import rate

BODY = b"x" * 300_000


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200 if self.path != "/missing" else 404)
        if self.path == "/pieces":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(BODY), BODY))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # the load closes its connections in the middle of an answer


@contextmanager
def serving() -> Iterator[str]:
    with Server(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("path", ["/length", "/pieces"])
def test_counts_answers(path: str) -> None:
    with serving() as address:
        assert rate(address + path, 0.2) > 10


def test_counts_nothing_but_the_file() -> None:
    with serving() as address, pytest.raises(ValueError, match="404"):
        rate(f"{address}/missing", 0.2)

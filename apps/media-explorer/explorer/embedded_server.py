"""The media server inside the page's process: one, however many browser sessions ask for it."""

import errno
import os
import socket
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from explorer.gallery import GalleryError
from explorer.media_modules import MEDIA_SERVER
from explorer.media_problem import translated
from explorer.process_slot import is_current, process_slot
from explorer.server_thread import ServerThread
from explorer.settings import in_url

_SLOT = "media_explorer_embedded_server"
_START_SECONDS = 15
_BACKLOG = 2048

# What listens on all addresses is called at the first of them.
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class EmbeddedServer:
    """Holds the listening socket; behind it one uvicorn server can follow another."""

    def __init__(self, host: str, port: int, folder: Path = MEDIA_SERVER) -> None:
        self._host, self._port = host, port
        self.folder = folder
        self._lock = threading.Lock()
        self._socket = _listen(host, port)
        try:
            self._thread = self._serve()
        except BaseException:
            self._socket.close()
            raise

    @classmethod
    def of_this_process(cls, host: str, port: int, folder: Path = MEDIA_SERVER) -> "EmbeddedServer":
        """The only one: whoever asks first starts it.

        It gives way to another when its code was edited, its settings were, or it has died.
        """
        slot = process_slot(_SLOT)
        with slot.lock:
            old: EmbeddedServer | None = slot.content
            if old is not None and is_current(old) and old.is_for(host, port, folder):
                return old
            if old is not None:
                slot.content = None
                old.stop()
            slot.content = new = cls(host, port, folder)
            return new

    @classmethod
    def stop_that_of_this_process(cls) -> None:
        slot = process_slot(_SLOT)
        with slot.lock:
            old, slot.content = slot.content, None
            if old is not None:
                old.stop()

    def is_for(self, host: str, port: int, folder: Path) -> bool:
        """Whether it serves there what is asked for."""
        same = (host, port, folder) == (self._host, self._port, self.folder)
        return same and self._thread.is_alive()

    @property
    def url(self) -> str:
        """Where this process reaches it."""
        return self._url(_EVERYWHERE.get(self._host, self._host))

    def url_for(self, page_url: str | None) -> str:
        """Where a browser reaches it that has opened the page at `page_url`."""
        host = urlsplit(page_url or "").hostname
        return self._url(host) if host and self._host in _EVERYWHERE else self.url

    def recycle(self) -> None:
        """Let a new server with the configuration of now take over; nobody is refused meanwhile.

        With a configuration that cannot be used the old one goes on, and GalleryError says why.
        """
        with self._lock:
            old, self._thread = self._thread, self._serve()
            old.retire()

    def stop(self) -> None:
        """End, and give the port back."""
        with self._lock:
            self._thread.stop()
            self._socket.close()

    def _url(self, host: str) -> str:
        return f"http://{in_url(host)}:{self._socket.getsockname()[1]}"

    def _serve(self) -> ServerThread:
        thread = ServerThread(_make_app(self.folder), self._socket)
        thread.start()
        if not thread.wait_until_serving(_START_SECONDS):
            thread.retire()
            raise GalleryError("The embedded media server does not start.", "Its log says why.")
        return thread


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio has small answers sent at once only where the socket itself says that it is of TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
        return listener
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise GalleryError(
                f"Port {port} of {host} is taken, so the media server cannot be started there.",
                "Stop what listens there, or set another PORT in .streamlit/secrets.toml "
                "(0 takes any that is free).",
            ) from None
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise GalleryError(
            f"The media server cannot listen on port {port} of {host}: {reason}.",
            "Check HOST and PORT in .streamlit/secrets.toml.",
        ) from None


def _make_app(folder: Path) -> Any:
    """A FastAPI app with the configuration as it is now."""
    try:
        from media_server import load_app
    except ModuleNotFoundError as error:
        raise GalleryError(
            f"MODE is embedded_server, but this Python has no {error.name}.",
            "Run: pip install -r media_server/requirements.txt",
        ) from None
    with translated():
        return load_app(folder)

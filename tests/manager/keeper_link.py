"""A keeper's end of the line, in the test's own process."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from streamlit_controls.manager.link import KeeperLink


class FakeKeeper:
    """Receives what a link sends, as the keeper does."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._end.setblocking(False)

    def die(self) -> None:
        """Close this end of the line."""
        self._end.close()

    def heard(self) -> list[tuple[str, str | None]]:
        """Return what was said since the last time; close the descriptors that came along."""
        found: list[tuple[str, str | None]] = []
        while True:
            try:
                data, descriptors, _, _ = socket.recv_fds(self._end, 4096, 1)
            except BlockingIOError:
                return found
            for descriptor in descriptors:
                os.close(descriptor)
            if not data:
                return found
            message = json.loads(data)
            found.append((message["do"], message.get("name")))


@contextlib.contextmanager
def linked(
    project: Path, inherited: dict[str, int] | None = None
) -> Iterator[tuple[KeeperLink, FakeKeeper]]:
    """Give a link and the keeper at its other end."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        for name, descriptor in (inherited or {}).items():
            socket.send_fds(theirs, [json.dumps({"name": name}).encode()], [descriptor])
        theirs.send(b'{"name": null}')
        link = KeeperLink(project, ours)
        keeper = FakeKeeper(theirs)
        assert keeper.heard() == [("beat", None)]
        yield link, keeper
        for descriptor in link.inherited.values():
            os.close(descriptor)

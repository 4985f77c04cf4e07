"""Asks over HTTP: one connection, and answers that are read to their end."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5

UNREAD = "closed before anything of an answer came"
"""What is said of a request that may never have been read."""


@dataclass(frozen=True)
class Answer:
    """What came for a request."""

    status: int
    path: str
    """The path at which it was found, after redirects."""
    body: bytes
    location: str = ""


class Wire:
    """A connection to a site's port, opened when it is first used and again when it was closed."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.repeats = 0
        """How often a connection that had been used before turned out to be closed."""

    async def follow(self, path: str, **headers: str) -> Answer:
        """Return what a path leads to, redirects followed."""
        for _ in range(MOST_REDIRECTS):
            answer = await self.get(path, **headers)
            if answer.status not in REDIRECTS:
                return answer
            where = urlsplit(urljoin(f"http://{self._host}{path}", answer.location))
            path = f"{where.path}?{where.query}" if where.query else where.path
        return answer

    async def get(self, path: str, **headers: str) -> Answer:
        """Return the answer to one request; raise OSError or EOFError where none comes.

        A connection that was used before may have been closed by the other side just now: where
        nothing of an answer came, the request goes out once more on a new one, as browsers do.
        """
        used = self._writer is not None
        try:
            return await self._get(path, headers)
        except ConnectionError:
            self.close()
            if not used:
                raise
            self.repeats += 1
            return await self._get(path, headers)

    def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None

    async def _get(self, path: str, headers: dict[str, str]) -> Answer:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        assert self._reader is not None
        said = {"Host": f"{self._host}:{self._port}", "Accept": "*/*", **headers}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
        self._writer.write("\r\n".join([*lines, "", ""]).encode())
        await self._writer.drain()
        return await self._answer(self._reader, path)

    async def _answer(self, reader: asyncio.StreamReader, path: str) -> Answer:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial:
                raise
            raise ConnectionResetError(UNREAD) from error
        status = int(head[0].split(" ", 2)[1])
        fields = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        body = await self._body(reader, fields)
        if fields.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, path, body, fields.get("location", ""))

    async def _body(self, reader: asyncio.StreamReader, fields: dict[str, str]) -> bytes:
        if "content-length" in fields:
            return await reader.readexactly(int(fields["content-length"]))
        if fields.get("transfer-encoding", "").lower() != "chunked":
            return b""
        parts = []
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return b"".join(parts)

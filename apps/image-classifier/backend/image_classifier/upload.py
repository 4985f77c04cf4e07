"""The file of a request: in memory, never on disk, and no more of it than is taken."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from image_classifier.problem import FileTooLarge, InvalidRequest, TooBusy, TooSlow

FIELD = "file"
AROUND = 16 * 1024
"""Bytes of a form around its file."""

PATIENCE = 20.0
"""Seconds without anything new, after which an upload has failed."""

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {FIELD: {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
"""The form for the API's description: it is not FastAPI that reads it."""


class Uploads:
    """A dependency that gives a file's bytes; those of all requests have a bound together, too."""

    def __init__(self, most_bytes: int, most_held: int, patience: float = PATIENCE) -> None:
        self._most_bytes = most_bytes
        self._most_held = most_held
        self._patience = patience
        self._held: dict[Request, int] = {}

    @property
    def held(self) -> int:
        """Return how many bytes there are of requests that are not answered yet."""
        return sum(self._held.values())

    async def __call__(self, request: Request) -> AsyncIterator[bytes]:
        if int(request.headers.get("content-length", 0)) > self._most_bytes + AROUND:
            raise FileTooLarge(self._most_bytes)
        self._held[request] = 0
        try:
            yield await self._file(request)
        finally:
            del self._held[request]

    async def _file(self, request: Request) -> bytes:
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise InvalidRequest("The request is no form with a file.")
        chunks = self._chunks(request)
        parser = MultiPartParser(request.headers, chunks, max_files=1, max_fields=10)
        parser.spool_max_size = self._most_bytes + AROUND  # more would go to a temporary file
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise InvalidRequest(f"The form cannot be read: {error.message}") from None
        try:
            file = form.get(FIELD)
            if not isinstance(file, UploadFile):
                raise InvalidRequest(f"The form has no file in the field `{FIELD}`.")
            content = await file.read()
        finally:
            await form.close()
        if len(content) > self._most_bytes:
            raise FileTooLarge(self._most_bytes)
        return content

    async def _chunks(self, request: Request) -> AsyncGenerator[bytes]:
        """Give the body as it comes, as long as it keeps to the bounds."""
        stream = request.stream()
        while True:
            try:
                async with asyncio.timeout(self._patience):
                    chunk = await anext(stream, None)
            except TimeoutError:
                raise TooSlow(self._patience) from None
            if chunk is None:
                return
            self._held[request] += len(chunk)
            if self._held[request] > self._most_bytes + AROUND:
                raise FileTooLarge(self._most_bytes)
            if self.held > self._most_held:
                raise TooBusy
            yield chunk

"""The body of an upload as it comes: bounded in time, and ended when the video is deleted."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request

from video_api.errors import ApiError
from video_api.mp4 import SNIFFED, is_mp4
from video_api.upload_form import BrokenForm, Event, FileBegins, FileData, SeveralFiles, UploadForm

FORM_BYTES = 64 * 1024
"""What a form may have beside its file."""

_STALLED = ApiError(408, "upload-stalled", "Nothing came any more.", "Try again.")
_NO_FILE = ApiError(422, "no-file", "The form has no file.", "Send one in the field `file`.")
_SEVERAL = ApiError(422, "several-files", "The form has more than one file.", "Send one at a time.")
_NOT_MP4 = ApiError(415, "not-mp4", "The file is no MP4 video.", "Convert it to MP4 (H.264) first.")


class UploadBody:
    """Reads the one file of a form; raises ApiError for what is none."""

    def __init__(self, request: Request, patience: float) -> None:
        content_type = request.headers.get("content-type")
        self._form = _form(content_type)
        self._pieces = request.stream()
        self._patience = patience
        self._waiting: asyncio.Timeout | None = None
        self._is_woken = False
        self._events: list[Event] = []
        length = request.headers.get("content-length", "")
        self._length = int(length) if length.isdecimal() else None
        self._come = self._beside = 0
        self._first = b""
        self.name = ""

    @property
    def file_size(self) -> int:
        """The bytes that the file has, as far as can be told; what has come where nobody says."""
        if self._length is None:
            return len(self._first)
        return max(len(self._first), self._length - self._beside)

    async def begin(self) -> None:
        """Read on until the file's first bytes have come, and say whether they are an MP4's."""
        while len(self._first) < SNIFFED:
            event = await self._event()
            if event is None:
                raise _NOT_MP4 if self._form.has_file else _NO_FILE
            if isinstance(event, FileBegins):
                self.name = event.name
            elif isinstance(event, FileData):
                self._first += event.data
            else:
                raise _NOT_MP4
        if not is_mp4(self._first):
            raise _NOT_MP4
        rest = sum(len(each.data) for each in self._events if isinstance(each, FileData))
        self._beside = self._come - len(self._first) - rest
        if not self._form.is_whole:
            self._beside += self._form.shortest_end

    async def parts(self) -> AsyncIterator[bytes]:
        """Yield the file; nothing after wake() was called."""
        yield self._first
        while not self._is_woken and (event := await self._event()) is not None:
            if isinstance(event, FileData):
                yield event.data

    def wake(self) -> None:
        """Wait no longer for what comes."""
        self._is_woken = True
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def _event(self) -> Event | None:
        """Return what comes next; None at the form's end, or when woken."""
        while not self._events:
            piece = await self._piece()
            if piece is None:
                if self._is_woken or self._form.is_whole:
                    return None
                raise _broken("The form ends before its last boundary.")
            self._come += len(piece)
            try:
                self._events = self._form.feed(piece)
            except BrokenForm as error:
                raise _broken(str(error)) from None
            except SeveralFiles:
                raise _SEVERAL from None
        return self._events.pop(0)

    async def _piece(self) -> bytes | None:
        try:
            async with asyncio.timeout(self._patience) as self._waiting:
                return await anext(self._pieces, None)
        except TimeoutError:
            if self._is_woken:
                return None
            raise _STALLED from None
        finally:
            self._waiting = None


def _form(content_type: str | None) -> UploadForm:
    try:
        return UploadForm(content_type)
    except BrokenForm as error:
        status = 422 if (content_type or "").lower().startswith("multipart/form-data") else 415
        code = "broken-form" if status == 422 else "unsupported-media-type"
        raise ApiError(status, code, str(error), "As curl -F file=@video.mp4 does.") from None


def _broken(why: str) -> ApiError:
    return ApiError(422, "broken-form", why, "Send the file anew.")

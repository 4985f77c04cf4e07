"""multipart/form-data with one file: bytes in, what they mean out (RFC 7578)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from werkzeug.http import parse_options_header

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELD = "file"
MOST_OTHER_BYTES = 64 * 1024
"""Of fields that nobody asked for."""
_LONGEST_HEADER = 8192


class BrokenForm(Exception):
    """The body is no form, or no whole one; the message says why."""


class SeveralFiles(Exception):
    """The form has more than one file."""


@dataclass(frozen=True)
class FileBegins:
    """The file's part has begun; what the client says that it is called."""

    name: str


@dataclass(frozen=True)
class FileData:
    """Bytes of the file."""

    data: bytes


class FileEnds:
    """All of the file has been seen."""


Event = FileBegins | FileData | FileEnds


class UploadForm:
    """Takes the body in pieces of any size; keeps none of the file."""

    def __init__(self, content_type: str | None) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get("boundary", "")
        if kind.lower() != "multipart/form-data":
            raise BrokenForm("The body must be multipart/form-data.")
        if not boundary or not boundary.isascii() or len(boundary) > 200:
            raise BrokenForm("The Content-Type has no usable boundary.")
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._part_begins,
            "on_part_data": self._part_data,
            "on_part_end": self._part_ends,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_end": self._form_ends,
        }
        self._parser = MultipartParser(boundary.encode(), callbacks)
        self._events: list[Event] = []
        self._header: tuple[bytes, bytes] = (b"", b"")
        self._disposition: str | None = None
        self._in_file = False
        self._other_bytes = 0
        self.shortest_end = len(boundary) + 6
        """Bytes of the form after its last part."""
        self.has_file = False
        self.is_whole = False

    def feed(self, data: bytes) -> list[Event]:
        """Return what the next bytes mean; raise BrokenForm or SeveralFiles."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise BrokenForm("The form is not well-formed.") from error
        events, self._events = self._events, []
        return events

    def _part_begins(self) -> None:
        self._header, self._disposition = (b"", b""), None

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._lengthen_header(data[start:end], b"")

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._lengthen_header(b"", data[start:end])

    def _lengthen_header(self, name: bytes, value: bytes) -> None:
        self._header = (self._header[0] + name, self._header[1] + value)
        if sum(map(len, self._header)) > _LONGEST_HEADER:
            raise BrokenForm("A part's header is too long.")

    def _header_ends(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = value.decode(errors="replace")
        self._header = (b"", b"")

    def _headers_end(self) -> None:
        kind, options = parse_options_header(self._disposition)
        if kind.lower() != "form-data" or "name" not in options:
            raise BrokenForm("A part has no Content-Disposition of form-data with a name.")
        self._in_file = options["name"] == FIELD
        if self._in_file or "filename" in options:
            if self.has_file or not self._in_file:
                raise SeveralFiles
            self.has_file = True
            self._events.append(FileBegins(options.get("filename", "")))

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._events.append(FileData(data[start:end]))
        else:
            self._other_bytes += end - start
            if self._other_bytes > MOST_OTHER_BYTES:
                raise BrokenForm(f"The form has too much beside the field {FIELD}.")

    def _part_ends(self) -> None:
        if self._in_file:
            self._in_file = False
            self._events.append(FileEnds())

    def _form_ends(self) -> None:
        self.is_whole = True

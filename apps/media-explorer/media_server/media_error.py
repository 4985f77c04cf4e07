"""What can go wrong with media, each with a code for programs and a message for people.

No message ever holds a folder or a path of this machine: messages travel to browsers.
"""


class MediaError(Exception):
    """An error that may be shown to anybody who asked for the media."""

    code = "media-error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class MediaConfigError(MediaError):
    """The configuration cannot be used; every problem that was found is in the message."""

    code = "invalid-configuration"


class UnknownSourceError(MediaError):
    """The source that was asked for is not in the configuration."""

    code = "unknown-source"


class UnknownFileError(MediaError):
    """The source has no such file, or does not show it: which of the two is not told."""

    code = "unknown-file"


class SourceUnavailableError(MediaError):
    """The source is configured, but its folder cannot be read now."""

    code = "source-unavailable"


class NotAPictureError(MediaError):
    """No thumbnail can be made: another kind of file, a damaged one or one with too many pixels."""

    code = "not-a-picture"


class LinkNotFetchedError(MediaError):
    """The bytes behind a link were asked for, and links are never fetched by the service."""

    code = "link-not-fetched"


class FileTooLargeError(MediaError):
    """The file is too large to be sent inside a text."""

    code = "file-too-large"

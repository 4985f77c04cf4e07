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


class ReadOnlyError(MediaError):
    """The source's folder, or its trash, may be read by this server but not changed."""

    code = "read-only"


class LinkNotDeletableError(MediaError):
    """A link of the configuration was to be deleted, and there is no file to put away."""

    code = "link-not-deletable"


class TrashUnusableError(MediaError):
    """Something that is no trash of ours has the name .trash, so nothing is put into it."""

    code = "trash-unusable"


class UnknownTrashError(MediaError):
    """The trash of the source has nothing of that id."""

    code = "unknown-trash"


class NameTakenError(MediaError):
    """There is a file again of the name that a deleted one had; nothing is overwritten."""

    code = "name-taken"


class LinkBrokenError(MediaError):
    """A symbolic link cannot be restored, as it no longer leads to a file that may be shown."""

    code = "link-broken"


class FavouritesUnavailableError(MediaError):
    """A favourite cannot be kept or taken back now."""

    code = "favourites-unavailable"


class TokenUnavailableError(MediaError):
    """There is no token, so nobody can be let change anything."""

    code = "token-unavailable"


class UnauthorizedError(MediaError):
    """Who asks for a change, or for what was deleted, has not shown the token."""

    code = "unauthorized"

"""What can be refused, each with its status, code, message and hint."""


class AuthError(Exception):
    """An error that is the asker's to know of; `retry_after` is in seconds."""

    status = 500
    code = "error"
    message = "The request failed."
    hint = ""

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__(self.message)
        self.retry_after = retry_after


class InvalidEmail(AuthError):
    """What was given as an e-mail address can't be one."""

    status = 422
    code = "invalid-email"
    message = "This is not an e-mail address that can be used."
    hint = "Write it as name@example.org, without spaces."


class WeakPassword(AuthError):
    """The password is too short, too long or the e-mail address."""

    status = 422
    code = "weak-password"
    message = "A password has 10 to 128 characters and is not the e-mail address."
    hint = "Several words that have nothing to do with one another make a good one."


class WrongCredentials(AuthError):
    """There is no account of this address, or it has another password: which, is not told."""

    status = 401
    code = "wrong-credentials"
    message = "The e-mail address or the password is wrong."
    hint = "Check both, or sign up."


class NotSignedIn(AuthError):
    """There is no session of this token, or none any more."""

    status = 401
    code = "not-signed-in"
    message = "There is no session of this token, or it has ended."
    hint = "Sign in again."


class TooManyAttempts(AuthError):
    """A limit is used up; `retry_after` tells when there is more of it."""

    status = 429
    code = "too-many-attempts"
    message = "There were too many attempts."
    hint = "Wait for the time that Retry-After tells in seconds, then try again."


class Busy(AuthError):
    """As many passwords wait to be hashed as may wait."""

    status = 503
    code = "busy"
    message = "Too many people sign in or up just now."
    hint = "Try again in a moment."


class StorageUnavailable(AuthError):
    """The database does not answer, or not properly; the log says more."""

    status = 503
    code = "storage-unavailable"
    message = "The accounts cannot be read or written just now."
    hint = "Try again in a moment. The log of the auth service says why."


class UnsupportedMediaType(AuthError):
    """The body is said not to be JSON."""

    status = 415
    code = "unsupported-media-type"
    message = "The body is to be JSON."
    hint = "Send it with Content-Type: application/json."


class StorageRefused(Exception):
    """The database can't be used until somebody changes something, which the message tells."""

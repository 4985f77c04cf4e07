"""The secret that lets a program change media: the server asks for it, the page sends it.

Standard library only, as the page, which has no web framework, imports this too. The token travels
in the header `Authorization: Bearer <token>`, never in a URL: those are logged and passed on.
"""

import os
import re
import secrets
import stat
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

from data_folder import data_folder, make_private
from media_error import MediaConfigError, TokenUnavailableError

HERE = Path(__file__).resolve().parent
CONFIG_FILE = "media_server.toml"
VARIABLE = "MEDIA_SERVER_TOKEN"
KEY = "TOKEN"
FILE = "token"

# What RFC 6750, 2.1, lets a bearer token consist of.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)


def load_token(folder: Path = HERE, environ: Mapping[str, str] | None = None) -> str:
    """The token of this user's media server, which is made if nobody has made it yet.

    MEDIA_SERVER_TOKEN, else TOKEN in media_server.toml of `folder`, else the file `token` in the
    data folder. Whoever asks first makes that file; all others find the same token in it.
    """
    environ = os.environ if environ is None else environ
    if given := environ.get(VARIABLE):
        return _checked(given, VARIABLE)
    configured = _configured(folder / CONFIG_FILE)
    if configured is not None:
        return _checked(configured, f"{KEY} in {CONFIG_FILE}")
    try:
        return _kept(data_folder(environ))
    except OSError:
        raise TokenUnavailableError(
            "No token can be kept: the data folder cannot be written to.",
            f"Set {VARIABLE}, or DATA_DIR to a folder that the media explorer may write to.",
        ) from None


def _configured(file: Path) -> object:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8")).get(KEY)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = "it cannot be read" if isinstance(error, OSError) else error
        raise MediaConfigError(f"{CONFIG_FILE} is not valid TOML: {reason}") from None


def _kept(folder: Path) -> str:
    """The token of a folder's file; OSError if there is none and none can be made."""
    make_private(folder)
    file = folder / FILE
    token = _read(file)
    if token is None:
        _make(file)
        token = _read(file)
    if token is None:
        raise FileNotFoundError
    return _checked(token, f"The file {FILE!r} in the data folder")


def _read(file: Path) -> str | None:
    """What the file says; None if there is none, or only the empty one that a power cut left."""
    try:
        stream = file.open(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return None
    with stream:
        if os.fstat(stream.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise MediaConfigError(
                f"Others can read the file {FILE!r} in the data folder, so it is not used.",
                "Remove it, and a new one is made.",
            )
        return stream.read().strip() or None


def _make(file: Path) -> None:
    """Put a new token in place whole, unless somebody else was quicker."""
    descriptor, draft = tempfile.mkstemp(dir=file.parent)  # nobody else may read it
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(f"{secrets.token_urlsafe(32)}\n")
            stream.flush()
            os.fsync(descriptor)
        try:
            file.hardlink_to(draft)
        except FileExistsError:
            if _read(file) is None:
                Path(draft).replace(file)
    finally:
        Path(draft).unlink(missing_ok=True)


def _checked(token: object, where: str) -> str:
    if isinstance(token, str) and _TOKEN.fullmatch(token):
        return token
    raise MediaConfigError(
        f"{where} is no token: letters, digits and ._~+/- are allowed.",
        'Make one: python -c "import secrets; print(secrets.token_urlsafe(32))"',
    )

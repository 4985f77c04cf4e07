"""Where the media explorer keeps what people made: favourites and the server's token."""

import os
from collections.abc import Mapping
from pathlib import Path

from media_error import MediaConfigError

_NAME = "media-explorer"


def data_folder(environ: Mapping[str, str] | None = None) -> Path:
    """DATA_DIR, else XDG_DATA_HOME, else ~/.local/share; the page and the server agree on it.

    The folder may not exist yet: see make_private.
    """
    environ = os.environ if environ is None else environ
    wanted = environ.get("DATA_DIR")
    if wanted:
        # The page and the server run in folders of their own: a relative one would be two.
        if not Path(wanted).is_absolute():
            raise MediaConfigError(f"DATA_DIR must be an absolute path, not {wanted!r}.")
        return Path(wanted) / _NAME
    shared = Path(environ.get("XDG_DATA_HOME", ""))
    if shared.is_absolute():
        return shared / _NAME
    return _home(environ) / ".local" / "share" / _NAME


def make_private(folder: Path) -> None:
    """Make a folder that only this user can look into, unless it is there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def _home(environ: Mapping[str, str]) -> Path:
    try:
        return Path(environ.get("HOME") or Path.home())
    except RuntimeError:
        raise MediaConfigError(
            "This user has no home folder to keep favourites in.", "Set DATA_DIR to a folder."
        ) from None

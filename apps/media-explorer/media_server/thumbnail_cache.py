"""Thumbnails on disk, at most so many bytes of them: the least recently used go first."""

import contextlib
import os
import stat
import tempfile
import threading
from pathlib import Path

_SUFFIX = ".webp"


class ThumbnailCache:
    """A folder of files named by digests. A disk that fails makes it slow, never wrong.

    Several processes may share a folder: files appear whole, and each process keeps the bound.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self._max_bytes = max_bytes
        self._bytes: int | None = None
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        path = self._path(key)
        try:
            content = path.read_bytes()
            os.utime(path)  # the time of last use is what _prune sorts by
        except OSError:
            return None
        return content or None  # a power cut can leave an empty file

    def put(self, key: str, content: bytes) -> None:
        try:
            self._write(self._path(key), content)
        except OSError:
            return
        with self._lock:
            self._bytes = self._scan() if self._bytes is None else self._bytes + len(content)
            if self._bytes > self._max_bytes:
                self._prune()

    def _write(self, path: Path, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as draft:
            try:
                draft.write(content)
                draft.close()
                Path(draft.name).replace(path)
            except OSError:
                Path(draft.name).unlink(missing_ok=True)
                raise

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{_SUFFIX}"

    def _scan(self) -> int:
        return sum(size for _, size, _ in self._files())

    def _prune(self) -> None:
        """Remove the oldest until a tenth of the room is free, so that it is not done each time."""
        files = sorted(self._files())
        total = sum(size for _, size, _ in files)
        for _, size, path in files:
            if total <= self._max_bytes * 9 // 10:
                break
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size
        self._bytes = total

    def _files(self) -> list[tuple[int, int, Path]]:
        """Time of last use, size and path of all files, drafts of dead processes too."""
        found = []
        with contextlib.suppress(OSError):
            for path in self.folder.iterdir():
                with contextlib.suppress(OSError):
                    status = path.lstat()
                    found.append((status.st_mtime_ns, status.st_size, path))
        return found


def cache_folder(environment: dict[str, str] | None = None) -> Path:
    """CACHE_DIR, else a private folder of this user in the system's folder for temporary files."""
    wanted = (os.environ if environment is None else environment).get("CACHE_DIR")
    if wanted:
        return Path(wanted) / "media-explorer-thumbnails"
    user = os.getuid() if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"media-explorer-thumbnails-{user}"
    if _is_private(folder):
        return folder
    # Somebody else made a folder of that name: what is served from it would be theirs.
    return Path(tempfile.mkdtemp(prefix="media-explorer-thumbnails-"))


def _is_private(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return False
    mine = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return stat.S_ISDIR(status.st_mode) and mine and not status.st_mode & 0o022

"""Where everything of a project lies on disk."""

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

CODE_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Project:
    """The folder that an operator runs: config.json, apps/, logs/ and .state/."""

    root: Path

    @property
    def config_file(self) -> Path:
        return self.root / "config.json"

    @property
    def apps(self) -> Path:
        return self.root / "apps"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def state(self) -> Path:
        return self.root / ".state"

    @property
    def environments(self) -> Path:
        return self.state / "envs"

    @property
    def run(self) -> Path:
        return self.state / "run"

    @property
    def token_file(self) -> Path:
        return self.run / "token"

    @property
    def address_file(self) -> Path:
        return self.run / "address"

    @property
    def state_file(self) -> Path:
        return self.run / "state.json"

    @property
    def gateway_socket(self) -> Path:
        """The gateway's admin socket, relative: a Unix socket's path has 107 bytes at the most."""
        return Path(os.path.relpath(self.run / "gateway.sock"))

    @property
    def keeper_lock(self) -> Path:
        return self.run / "keeper.lock"

    @property
    def controller_log(self) -> Path:
        return self.logs / "controller.log"

    def shown(self, path: Path) -> str:
        """Return a path as people of this project write it: relative where it is inside."""
        try:
            return str(path.relative_to(self.root))
        except ValueError:
            return str(path)


def write_atomically(
    path: Path, text: str, *, mode: int | None = None, lasting: bool = True
) -> None:
    """Replace a file's text so that a reader, or a crash, sees the old or the new, never a part.

    A symbolic link stays one: what it points to is replaced. `mode` is for new files; an existing
    file keeps its own. `lasting` waits for the disk; what means nothing after a reboot need not.
    """
    target = path.resolve()
    if target.exists():
        mode = target.stat().st_mode & 0o7777
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(name, 0o644 if mode is None else mode)  # noqa: PTH101
        os.replace(name, target)  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108
        raise

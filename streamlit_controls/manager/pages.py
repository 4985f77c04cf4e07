"""The links by which the gateway knows whose page it may serve itself."""

import logging
import os
from collections.abc import Collection
from pathlib import Path

log = logging.getLogger(__name__)


class Pages:
    """Keeps `pages/<instance>`, a link to the folder of front-end files of the instance's version.

    Where there is none, the instance itself is asked for its page.
    """

    def __init__(self, run: Path) -> None:
        self._folder = run / "pages"
        self._folder.mkdir(parents=True, exist_ok=True)

    def name(self, instance: str, folder: Path) -> None:
        """Have the gateway serve the page of an instance."""
        link = self._folder / instance
        # Relative, and so short: it takes no room on the disk but its name's.
        target = Path(os.path.relpath(folder.resolve(), self._folder.resolve()))
        if link.is_symlink() and link.readlink() == target:
            return
        try:
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        except OSError as error:
            log.warning("%s serves its own page: %s", instance, error)

    def forget(self, instance: str) -> None:
        """Leave the page of an instance to the instance itself, or to what answers for it."""
        (self._folder / instance).unlink(missing_ok=True)

    def keep_only(self, instances: Collection[str]) -> None:
        """Forget all others: left by a manager that was killed."""
        for link in self._folder.iterdir():
            if link.name not in instances:
                link.unlink(missing_ok=True)

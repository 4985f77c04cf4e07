"""A media service with every mistake that one can have; only to show that the checks find them."""

import tomllib
from pathlib import Path
from typing import Any

DEFAULT_FILTER = ".png"


class NaiveService:
    """Trusts the names that it is asked for, and finds what has a type's letters in its name."""

    def __init__(self, folder: Path) -> None:
        text = (folder / "media_service.toml").read_text(encoding="utf-8")
        self.configuration: dict[str, Any] = tomllib.loads(text)

    def names(self, source: str, keyword: str = "") -> list[str]:
        values = self.configuration["MEDIA_SOURCES"][source]
        if "media_links" in values:
            return [link.rpartition("/")[2] for link in values["media_links"]]
        keyword = values.get("media_filter") or keyword or DEFAULT_FILTER
        types = self.configuration["MEDIA_TYPES"]
        names = [path.name for path in Path(values["media_folder"]).iterdir()]
        fitting = [name for name in names if any(each in name for each in types)]
        return sorted(name for name in fitting if keyword in name)

    def read(self, source: str, name: str) -> bytes | None:
        try:
            return self.path(source, name).read_bytes()
        except OSError:
            return None

    def path(self, source: str, name: str) -> Path:
        folder = Path(self.configuration["MEDIA_SOURCES"][source]["media_folder"])
        return folder / name.replace("\\", "/")

"""The media service's configuration: TOML in, frozen values out, every problem in one error."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from media_error import MediaConfigError
from media_type import CONTENT_TYPES

CONFIG_FILE = "media_service.toml"
EXAMPLE_FILE = "media_service.example.toml"

# A file's name has 255 bytes at most; what is asked for by longer ones is refused unseen.
MAX_NAME_LENGTH = 255
DEFAULT_THUMBNAIL_CACHE_BYTES = 256 * 1024 * 1024

_KEYS = {"MEDIA_TYPES", "MEDIA_SOURCES", "THUMBNAIL_CACHE_BYTES"}
_SOURCE_KEYS = {"media_folder", "media_links", "media_filter"}


@dataclass(frozen=True)
class SourceConfig:
    """One [MEDIA_SOURCES.<name>]: a folder or links, never both, and what narrows it."""

    name: str
    folder: Path | None = None
    links: tuple[str, ...] = ()
    media_filter: str = ""


@dataclass(frozen=True)
class ServiceConfig:
    """What the service shows: the suffixes it allows and the sources, in the file's order."""

    media_types: frozenset[str]
    sources: tuple[SourceConfig, ...]
    thumbnail_cache_bytes: int = DEFAULT_THUMBNAIL_CACHE_BYTES

    @classmethod
    def load(cls, folder: Path) -> "ServiceConfig":
        """Read media_service.toml of a folder, else its media_service.example.toml."""
        file = folder / CONFIG_FILE
        if not file.is_file():
            file = folder / EXAMPLE_FILE
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError:
            raise MediaConfigError(
                f"Neither {CONFIG_FILE} nor {EXAMPLE_FILE} can be read.",
                f"Copy {EXAMPLE_FILE} of the media explorer to {CONFIG_FILE} and edit it.",
            ) from None
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise MediaConfigError(f"{file.name} is not valid TOML: {error}") from None
        return cls.parse(values, base=folder, file_name=file.name)

    @classmethod
    def parse(
        cls, values: Mapping[str, object], *, base: Path, file_name: str = CONFIG_FILE
    ) -> "ServiceConfig":
        """Check what a file holds; relative folders are taken from `base`, the file's folder."""
        problems = list(_problems(values))
        if problems:
            raise MediaConfigError(f"{file_name}: " + " ".join(problems))
        types, sources = values["MEDIA_TYPES"], values["MEDIA_SOURCES"]
        cache_bytes = values.get("THUMBNAIL_CACHE_BYTES", DEFAULT_THUMBNAIL_CACHE_BYTES)
        assert isinstance(types, list)  # checked by _problems
        assert isinstance(sources, dict)
        assert isinstance(cache_bytes, int)
        return cls(
            media_types=frozenset(_plain_suffix(entry) for entry in types),
            sources=tuple(_source(name, table, base) for name, table in sources.items()),
            thumbnail_cache_bytes=cache_bytes,
        )


def _source(name: str, table: Mapping[str, str | list[str]], base: Path) -> SourceConfig:
    folder = table.get("media_folder")
    return SourceConfig(
        name=name,
        folder=None if folder is None else base / Path(str(folder)).expanduser(),
        links=tuple(dict.fromkeys(table.get("media_links", ()))),
        media_filter=str(table.get("media_filter", "")),
    )


def _problems(values: Mapping[str, object]) -> Iterator[str]:
    for key in sorted(values.keys() - _KEYS):
        yield f"{key} is not a setting; there are {_words(_KEYS)}."
    yield from _type_problems(values.get("MEDIA_TYPES"))
    cache_bytes = values.get("THUMBNAIL_CACHE_BYTES", 0)
    if not isinstance(cache_bytes, int) or isinstance(cache_bytes, bool) or cache_bytes < 0:
        yield "THUMBNAIL_CACHE_BYTES must be a number of bytes."
    sources = values.get("MEDIA_SOURCES")
    if not isinstance(sources, dict) or not sources:
        yield "At least one [MEDIA_SOURCES.<name>] is needed."
        return
    for name, table in sources.items():
        for problem in _source_problems(name, table):
            yield f"Source {name!r}: {problem}"


def _type_problems(types: object) -> Iterator[str]:
    if not isinstance(types, list) or not types:
        yield 'MEDIA_TYPES must be a list of suffixes, such as ["jpg", "png"].'
        return
    for entry in types:
        if not isinstance(entry, str) or _plain_suffix(entry) not in CONTENT_TYPES:
            yield f"MEDIA_TYPES has {entry!r}; the known ones are {_words(CONTENT_TYPES)}."


def _source_problems(name: str, table: object) -> Iterator[str]:
    if not name or name.startswith(".") or not name.isprintable() or set(name) & set("/\\"):
        yield "a name is printable, has no slashes and does not start with a dot."
    if len(name) > MAX_NAME_LENGTH:
        yield f"a name has at most {MAX_NAME_LENGTH} characters."
    if not isinstance(table, dict):
        yield "a table with media_folder or media_links is needed."
        return
    for key in sorted(table.keys() - _SOURCE_KEYS):
        yield f"{key} is not a setting; there are {_words(_SOURCE_KEYS)}."
    if ("media_folder" in table) == ("media_links" in table):
        found = "both are" if "media_folder" in table else "neither is"
        yield f"exactly one of media_folder and media_links is needed, but {found} there."
    folder = table.get("media_folder", ".")
    if not isinstance(folder, str) or not folder or "\0" in folder:
        yield "media_folder must be the path of a folder."
    links = table.get("media_links", [])
    if not isinstance(links, list):
        yield "media_links must be a list of links."
    else:
        bad = [link for link in links if not _is_link(link)]
        yield from (f"{link!r} is not a link that starts with http:// or https://." for link in bad)
    if not isinstance(table.get("media_filter", ""), str):
        yield "media_filter must be a text."


def _is_link(link: object) -> bool:
    if not isinstance(link, str) or not link.isprintable() or " " in link:
        return False
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


def _plain_suffix(entry: str) -> str:
    return entry.strip().lower().removeprefix(".")


def _words(names: Mapping[str, str] | set[str]) -> str:
    return ", ".join(sorted(names))

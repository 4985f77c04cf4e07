"""The types of media that can be shown: by suffix, the same on every machine."""

from collections.abc import Mapping
from types import MappingProxyType

CONTENT_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "apng": "image/apng",
        "avif": "image/avif",
        "bmp": "image/bmp",
        "gif": "image/gif",
        "jfif": "image/jpeg",
        "jpeg": "image/jpeg",
        "jpg": "image/jpeg",
        "png": "image/png",
        "svg": "image/svg+xml",
        "tif": "image/tiff",
        "tiff": "image/tiff",
        "webp": "image/webp",
        "m4v": "video/mp4",
        "mov": "video/quicktime",
        "mp4": "video/mp4",
        "ogv": "video/ogg",
        "webm": "video/webm",
        "flac": "audio/flac",
        "m4a": "audio/mp4",
        "mp3": "audio/mpeg",
        "ogg": "audio/ogg",
        "wav": "audio/wav",
    }
)


def suffix(name: str) -> str:
    """The real suffix in lower case without its dot: "jpg" for "A.JPG", "" for "jpg" and ".jpg"."""
    stem, _, last = name.rpartition(".")
    return last.lower() if stem else ""


def content_type(name: str) -> str:
    """The content type that a name's suffix stands for."""
    return CONTENT_TYPES.get(suffix(name), "application/octet-stream")

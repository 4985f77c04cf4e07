"""The icon of an app: an emoji, an image file of its own folder, or a monogram."""

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from markupsafe import escape

IMAGE_TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
MAX_BYTES = 1 << 20
HUES = 12
"""The stylesheet has as many tints for monograms."""


@dataclass(frozen=True)
class Icon:
    """What stands for an app in lists and in the browser's tab."""

    kind: Literal["emoji", "image", "monogram"]
    text: str
    hue: int
    file: Path | None = None

    @classmethod
    def parse(cls, declared: object, *, name: str, key: str, folder: Path) -> Self:
        """Read what the app declares; whatever cannot be shown becomes a monogram."""
        hue = hashlib.sha256(key.encode()).digest()[0] % HUES
        if isinstance(declared, str) and declared:
            if Path(declared).suffix.lower() in IMAGE_TYPES:
                file = image_file(folder, declared)
                if file is not None:
                    return cls("image", monogram(name), hue, file)
            elif _is_emoji(declared):
                return cls("emoji", declared, hue)
        return cls("monogram", monogram(name), hue)

    @property
    def media_type(self) -> str:
        return IMAGE_TYPES[self.file.suffix.lower()] if self.file else "image/svg+xml"

    def svg(self) -> str:
        """Draw an emoji or a monogram, for where an image is needed."""
        if self.kind == "emoji":
            return (
                '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
                '<text x="32" y="50" font-size="52" text-anchor="middle">'
                f"{escape(self.text)}</text></svg>"
            )
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
            f'<rect width="64" height="64" rx="14" fill="hsl({self.hue * 30} 42% 38%)"/>'
            '<text x="32" y="42" font-family="system-ui,sans-serif" font-size="28" '
            f'font-weight="600" fill="#fff" text-anchor="middle">{escape(self.text)}</text></svg>'
        )


def image_file(folder: Path, declared: str) -> Path | None:
    """Return the declared image, if it is a small image file inside the app's own folder.

    Links are followed before the comparison, so none leads out of the folder.
    """
    try:
        inside = folder.resolve()
        file = (inside / declared).resolve()
        if not file.is_relative_to(inside) or not file.is_file():
            return None
        if file.suffix.lower() not in IMAGE_TYPES or file.stat().st_size > MAX_BYTES:
            return None
    except (OSError, ValueError):
        return None
    return file


def monogram(name: str) -> str:
    """Return one or two capitals for a name."""
    words = "".join(char if char.isalnum() else " " for char in name).split()
    letters = "".join(word[0] for word in words[:2])
    return letters.upper()[:2] or "?"


def _is_emoji(text: str) -> bool:
    if len(text) > 16:
        return False
    return any(
        unicodedata.category(char) in {"So", "Sk", "Sm"} or ord(char) > 0x2190 for char in text
    ) and not any(char in "<>&:/\\" for char in text)

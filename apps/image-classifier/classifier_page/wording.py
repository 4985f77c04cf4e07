"""Texts that others wrote, such as files' names, inside Markdown."""

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=])")


def plain(text: str) -> str:
    """Return what Markdown shows exactly as the text is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))

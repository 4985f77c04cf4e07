"""Texts for people: sizes, counts, and names that Markdown must leave as they are."""

import re
from datetime import timedelta

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=])")


def plain(text: str) -> str:
    """A text (a file's name, a keyword) that Markdown shows exactly as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def size_text(size: int | None) -> str | None:
    """1,234,567 bytes as "1.2 MB"; None stays None."""
    if size is None:
        return None
    if size < 1000:
        return f"{size} B"
    power = next((p for p in (1, 2) if size < 999.5 * 1000**p), 3)
    number = size / 1000**power
    digits = 1 if number < 9.95 else 0
    return f"{number:.{digits}f} {('kB', 'MB', 'GB')[power - 1]}"


def count_text(count: int, noun: str) -> str:
    """1 picture, 2 pictures."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def ago_text(age: timedelta) -> str:
    """5 minutes ago; what is younger than a minute was just now."""
    seconds = age.total_seconds()
    for noun, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return f"{count_text(int(seconds // length), noun)} ago"
    return "just now"

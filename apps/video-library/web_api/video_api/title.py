"""Titles from the names that browsers give files: text for people, never a path."""

import unicodedata

LONGEST = 200
"""Characters."""
UNTITLED = "Untitled"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that nobody sees, or that turn the writing round."""
_JOINERS = "\u200c\u200d"
"""Are in words of some languages, and in emoji."""


def title_of(file_name: str) -> str:
    """Return the last part of a name, without ending, without characters that show nothing."""
    base = file_name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(each for each in base if each in _JOINERS or not _is_hidden(each))
    words = " ".join(unicodedata.normalize("NFC", seen).split())
    stem, dot, ending = words.rpartition(".")
    if dot and ending.lower() in ("mp4", "m4v"):
        words = stem
    title = words[:LONGEST].strip(" .\u200c\u200d")
    return title or UNTITLED


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN

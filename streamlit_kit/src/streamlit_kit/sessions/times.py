"""How long the kit waits for browsers, which whoever runs an app can change by variables."""

import math
import os


def grace_time() -> float:
    """Return the seconds that a session has to come back: STREAMLIT_KIT_GRACE, by default 10."""
    return _seconds("STREAMLIT_KIT_GRACE", 10.0)


def settle_time() -> float:
    """Return the seconds that a tab has to tell which one it is: STREAMLIT_KIT_SETTLE, or 30.

    A browser does so as soon as the page's first run has ended.
    """
    return _seconds("STREAMLIT_KIT_SETTLE", 30.0)


def checked(name: str, seconds: object) -> float:
    """Return a time that an app gave; ValueError for what is no number of seconds."""
    if isinstance(seconds, int | float) and 0 <= seconds < math.inf:
        return float(seconds)
    raise ValueError(f"{name} is {seconds!r}, but it must be a number of seconds")


def _seconds(name: str, default: float) -> float:
    text = os.environ.get(name, "")
    try:
        return checked(name, float(text or default))
    except ValueError:
        raise ValueError(f"{name} is {text!r}, but it must be a number of seconds") from None

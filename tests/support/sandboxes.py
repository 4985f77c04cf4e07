"""Whether this machine allows sandboxes; where it does not, tests say why."""

import pytest

from streamlit_controls.bubblewrap import bubblewrap
from streamlit_controls.core.errors import LaunchError


def _why_not() -> str:
    try:
        bubblewrap()
    except LaunchError as error:
        return f"{error.message} ({error.hint})"
    return ""


WHY_NOT = _why_not()

needs_sandbox = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "sandboxes are possible")

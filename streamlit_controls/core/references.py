"""References in the values of environment variables: `${NAME}` is what NAME is there."""

import re
from collections.abc import Mapping

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.core.names import suggestion

_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}")


def filled(said: Mapping[str, str], there: Mapping[str, str]) -> dict[str, str]:
    """Return variables whose references are replaced by what is `there`, or was said before them.

    `$${` stands for `${`; any other `$` for itself. Raises LaunchError for a name that nothing has.
    """
    found: dict[str, str] = {}
    for name, value in said.items():
        known = {**there, **found}

        def replaced(match: re.Match[str], name: str = name, known: dict[str, str] = known) -> str:
            wanted: str | None = match[1]
            if wanted is None:
                return "${"
            if wanted not in known:
                hint = suggestion(wanted, known) or "$${ stands for ${ itself"
                raise LaunchError(f"env.{name}: there is no {match[0]}", hint)
            return known[wanted]

        found[name] = _REFERENCE.sub(replaced, value)
    return found

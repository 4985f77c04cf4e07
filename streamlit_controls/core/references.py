"""References in the values of environment variables: `${NAME}` is what NAME is there."""

import re
from collections.abc import Mapping

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.core.names import suggestion

_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ITSELF = "$${ stands for ${ itself"


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
                raise _unknown(name, wanted, said, known)
            return known[wanted]

        found[name] = _REFERENCE.sub(replaced, value)
    return found


def _unknown(
    name: str, wanted: str, said: Mapping[str, str], known: Mapping[str, str]
) -> LaunchError:
    if not _NAME.fullmatch(wanted):  # not to be shown: it may be a piece of a password
        return LaunchError(f"env.{name}: what it has between ${{ and }} is no name", _ITSELF)
    hint = suggestion(wanted, known) or _ITSELF
    if wanted in said and wanted != name:
        hint = f"{wanted} stands further below: move it up"
    return LaunchError(f"env.{name}: there is no ${{{wanted}}}", hint)

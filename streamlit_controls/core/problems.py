"""Turns what a validator found into problems that people can act on."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from streamlit_controls.core.errors import Problem
from streamlit_controls.core.names import suggestion
from streamlit_controls.core.settings import AppEntry, AppSettings, ConfigFile, ServiceSettings

_TYPES = {
    "int_type": "should be a whole number",
    "int_from_float": "should be a whole number",
    "string_type": "should be a string",
    "bool_type": "should be true or false",
    "list_type": "should be a list",
    "dict_type": "should be a table of keys and values",
    "model_type": "should be a table of keys and values",
    "model_attributes_type": "should be a table of keys and values",
    "string_too_short": "should not be empty",
    "too_short": "should not be empty",
    "string_pattern_mismatch": "has characters that it cannot have",
}


def problems(error: ValidationError, prefix: Sequence[str] = ()) -> list[Problem]:
    """Return each fault of a ValidationError with its path, its value and, if any, a hint."""
    found: dict[str, Problem] = {}
    for details in error.errors():
        problem = _problem(details, prefix)
        # A union (seconds or "30m") reports once for each member: the first says enough.
        found.setdefault(problem.path, problem)
    return list(found.values())


def _problem(details: ErrorDetails, prefix: Sequence[str]) -> Problem:
    unknown = details["type"] == "extra_forbidden"
    found = map(str, details["loc"]) if unknown else _without_members(details["loc"])
    location = [*prefix, *found]
    path = ".".join(location)
    if unknown:
        return Problem(path, "unknown key", suggestion(location[-1], _keys_beside(location)))
    message = details["msg"]
    if details["type"] == "value_error":
        message = message.removeprefix("Value error, ")
        if isinstance(details["input"], dict):
            return Problem(path, message)
    elif details["type"] in _TYPES:
        message = _TYPES[details["type"]]
    else:
        message = message.removeprefix("Input ")
    return Problem(path, f"{message}, not {shown(details['input'])}")


def _without_members(location: Sequence[int | str]) -> list[str]:
    """Drop the names that pydantic adds for a union's members and for wrapped validators.

    Below these tables people choose the names, which may be the same.
    """
    return [
        str(part)
        for before, part in zip(["", *location], location, strict=False)
        if before in {"apps", "services", "env"}
        or not (isinstance(part, str) and (part in {"int", "str"} or part.startswith("function-")))
    ]


def _keys_beside(location: Sequence[str]) -> list[str]:
    model: type[BaseModel] = ConfigFile
    match list(location[:-1]):
        case ["apps", _]:
            model = AppEntry
        case ["app.toml"]:
            model = AppSettings
        case [*_, "services", _]:
            model = ServiceSettings
    return [field.alias or name for name, field in model.model_fields.items()]


def shown(value: Any) -> str:
    """Return a value as the person wrote it, shortened."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."

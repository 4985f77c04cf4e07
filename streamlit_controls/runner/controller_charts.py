"""Spares Altair what it works out again for each chart although it cannot come out otherwise."""

from __future__ import annotations

import marshal
import sys
from typing import Any

LIMIT = 2048
"""How many parts of charts, and how many schemas, are remembered; then it begins anew."""


def spare_repetition() -> None:
    """Change those parts of Altair that are as we know them; leave the others alone."""
    schemapi = sys.modules.get("altair.utils.schemapi")
    if schemapi is not None:
        remember_what_is_valid(schemapi)
        remember_classes(schemapi)


def remember_what_is_valid(schemapi: Any) -> None:
    """Have Altair check each part of a chart against Vega-Lite's schema once.

    A page draws the same chart again in each run; two fifths of the time that takes goes into these
    checks. What is found wrong is not remembered, and neither is what cannot be told apart exactly.
    """
    check = getattr(schemapi, "_get_errors_from_spec", None)
    if check is None:
        return
    valid: dict[tuple[int, int, bytes], tuple[Any, Any]] = {}

    def checked(spec: Any, schema: Any, rootschema: Any = None) -> Any:
        try:
            # Unlike JSON, it tells a tuple from a list, and 1 from 1.0 and True.
            key = (id(schema), id(rootschema), marshal.dumps(spec, 2))
        except ValueError:
            return check(spec, schema, rootschema)
        if key in valid:
            return []
        errors = check(spec, schema, rootschema)
        if not errors:
            if len(valid) >= LIMIT:
                valid.clear()
            valid[key] = (schema, rootschema)  # kept, so that their ids stay theirs
        return errors

    vars(schemapi)["_get_errors_from_spec"] = checked


def remember_classes(schemapi: Any) -> None:
    """Have Altair find out once which of its classes stands for which schema.

    It takes the hash of each of some six hundred schemas for that, for each chart anew. Classes
    that a page adds are other classes, and are looked at in their turn.
    """
    finder = getattr(schemapi, "_FromDict", None)
    if finder is None:
        return
    begin = finder.__init__
    known: dict[tuple[Any, ...], Any] = {}

    def begin_with_known(self: Any, wrapper_classes: Any, /) -> None:
        classes = tuple(wrapper_classes)
        if classes not in known:
            begin(self, classes)
            known.clear()
            known[classes] = self.class_dict
        self.class_dict = known[classes].copy()

    finder.__init__ = begin_with_known

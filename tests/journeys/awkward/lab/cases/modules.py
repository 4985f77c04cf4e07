"""Modules of the app's own that bear names which others have, too."""

import importlib

OWN = (
    "page",
    "service",
    "zygote",
    "becoming",
    "preloading",
    "rehearsal",
    "rehearsal_script",
    "wave",
)


def show() -> dict[str, str]:
    return {name: importlib.import_module(name).WHOSE for name in OWN}

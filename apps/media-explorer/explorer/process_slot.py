"""What is one of its kind in this process, although modules are loaded anew when one is edited."""

import sys
import threading
from types import ModuleType
from typing import Any, cast


class ProcessSlot(ModuleType):
    """Room for one thing, and a lock for whoever looks at it or replaces it.

    It is a module because Streamlit leaves those alone that have no file.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.lock = threading.Lock()
        self.content: Any = None


def process_slot(name: str) -> ProcessSlot:
    """The slot of a name: the same for all threads and all versions of the code."""
    return cast("ProcessSlot", sys.modules.setdefault(name, ProcessSlot(name)))


def is_current(thing: object) -> bool:
    """Whether a thing was made by the code as it is loaded now, and not before an edit."""
    kind = type(thing)
    return getattr(sys.modules.get(kind.__module__), kind.__name__, None) is kind

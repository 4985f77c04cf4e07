"""What runs of a project, as its manager and the kernel tell; each is asked once for all checks."""

import functools
import time
from collections.abc import Mapping
from typing import Any

from streamlit_controls.client import Client
from streamlit_controls.controller.family import Family, family
from streamlit_controls.core.errors import ControllerError
from streamlit_controls.project import Project

Status = Mapping[str, Any]


class Running:
    """One look at what runs."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @property
    def status(self) -> Status | None:
        """The manager's status document; None where it cannot be asked."""
        return None if isinstance(self.answer, ControllerError) else self.answer[0]

    @functools.cached_property
    def answer(self) -> tuple[Status, float] | ControllerError:
        """The status document and the seconds it took, or why there is none."""
        began = time.perf_counter()
        try:
            status = Client.for_project(self.project).request("status")
        except ControllerError as error:
            return error
        return status, time.perf_counter() - began

    @functools.cached_property
    def family(self) -> Family:
        """Its processes."""
        return family(self.project)

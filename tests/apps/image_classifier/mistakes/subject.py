"""A classifier of which is asked whether it makes the mistakes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

Classify = Callable[[str, bytes], Any]
"""Asks the service at an address about a picture, as the page does; raises what comes of it."""


@dataclass(frozen=True)
class Subject:
    """A page and a service, with the files that they bring along."""

    service: httpx.Client
    classify: Classify
    bars: Callable[[Any], dict[str, float]]
    """What the page's chart shows of an answer: the bars' lengths by their labels."""

    page_folder: Path
    service_folder: Path
    served_from: Path
    """The working directory of the service."""

    commands: tuple[str, ...]
    """What people and images are to run."""

"""The REST API against its own description, by requests of all sorts."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from api import create_app
from hypothesis import settings
from rest.board import Board
from schemathesis.specs.openapi.checks import use_after_free

from streamlit_kit import TaskPool

POOL = TaskPool(1, max_queued=3, max_kept=20)
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", create_app(Board(POOL)))


@pytest.fixture(scope="module", autouse=True)
def quiet_afterwards() -> Iterator[None]:
    yield
    POOL.close()


@SCHEMA.parametrize()
@settings(max_examples=25, derandomize=True)
def test_all_answers_are_as_described(case: Any) -> None:
    # A job that was deleted can still be asked what it had found.
    case.call_and_validate(excluded_checks=[use_after_free])

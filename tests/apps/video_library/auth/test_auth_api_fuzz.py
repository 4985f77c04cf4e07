"""The API against its own description, by requests of all sorts."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance
from video_auth.main import app

from tests.apps.video_library.auth.auth_process import AuthProcess, auth_process

pytestmark = pytest.mark.journey

SCHEMA = schemathesis.openapi.from_dict(app.openapi())


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuthProcess]:
    limits = {"SIGN_IN_FAILURES_PER_CLIENT": "100000"}
    with auth_process(tmp_path_factory.mktemp("fuzzed") / "data", **limits) as process:
        yield process
        assert "Traceback" not in process.said


@SCHEMA.parametrize()
@settings(max_examples=25, derandomize=True)
def test_all_answers_are_as_described(case: Any, process: AuthProcess) -> None:
    # To end a session that there is not, is no error; and not every text is an address.
    excluded = [ignored_auth, positive_data_acceptance]
    case.call_and_validate(base_url=process.url, excluded_checks=excluded)

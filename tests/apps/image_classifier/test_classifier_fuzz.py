"""The service against its own description, by requests of all sorts."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import settings
from image_classifier.main import create_app
from image_classifier.settings import Settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

SETTINGS = Settings()
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", create_app(SETTINGS))


@pytest.fixture(scope="module", autouse=True)
def with_its_model(model_dir: Path) -> None:
    SETTINGS.model_dir = model_dir


@SCHEMA.parametrize()
@settings(max_examples=25, derandomize=True)
def test_all_answers_are_as_described(case: Any) -> None:
    # Bytes by chance are no picture, which no schema can say.
    case.call_and_validate(excluded_checks=[positive_data_acceptance])

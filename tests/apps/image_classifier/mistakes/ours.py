"""The image classifier as what the checks look at."""

import json
from pathlib import Path
from typing import Any

import httpx
from classifier_page.backend import Answer, Backend
from classifier_page.chart import chart

from tests.apps.image_classifier.conftest import APP, BACKEND
from tests.apps.image_classifier.mistakes.subject import Subject
from tests.apps.image_classifier.test_classifier_package import commands


def ours(service: httpx.Client, served_from: Path) -> Subject:
    return Subject(service, classify, bars, APP, BACKEND, served_from, tuple(commands()))


def classify(url: str, content: bytes) -> Answer:
    return Backend(url).classify(content)


def bars(answer: Any) -> dict[str, float]:
    drawn = chart(answer).to_dict()
    labels = drawn["layer"][0]["encoding"]["y"]["axis"]["labelExpr"].removesuffix("[datum.value]")
    shown = drawn["layer"][1]["encoding"]["x2"]["field"]
    rows = next(iter(drawn["datasets"].values()))
    return {label: row[shown] for label, row in zip(json.loads(labels), rows, strict=True)}

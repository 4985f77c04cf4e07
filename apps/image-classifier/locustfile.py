"""Visitors who send the sample pictures, one after the other, and look at what they get.

`locust -f locustfile.py --headless -u 20 -t 30s`, with `--host` for another site's address and
PREDICT for another path, such as /predict where the service runs by itself.
"""

import os
import random
from pathlib import Path

from locust import HttpUser, task

PREDICT = os.environ.get("PREDICT", "/app/image-classifier/api/predict")
SAMPLES = Path(__file__).resolve().parent / "samples"
SHOWN = {"coffee.png": "espresso", "chelsea.png": "tiger cat", "rocket.jpg": "missile"}
CONTENTS = {name: (SAMPLES / name).read_bytes() for name in SHOWN}


class Visitor(HttpUser):
    """Never waits; an answer that names something else is a failure, too."""

    host = "http://127.0.0.1:5000"

    @task
    def classify(self) -> None:
        name = random.choice(tuple(SHOWN))  # noqa: S311
        files = {"file": (name, CONTENTS[name])}
        with self.client.post(PREDICT, files=files, name=name, catch_response=True) as answer:
            if not answer.ok:
                answer.failure(f"{answer.status_code}: {answer.text[:200]}")
            elif answer.json()["predictions"][0]["label"] != SHOWN[name]:
                answer.failure(f"it is {SHOWN[name]}, not {answer.text[:200]}")

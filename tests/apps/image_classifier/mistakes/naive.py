"""A classifier with every mistake of the sample that tutorials pass on."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, UploadFile

from tests.apps.image_classifier.mistakes.subject import Subject

FILES = {
    "page/requirements.txt": "streamlit\n",
    "page/page.py": "import altair\nimport requests\nimport streamlit\n",
    "service/requirements.txt": "fastapi\n",
    "service/main.py": "import fastapi\nimport numpy\n",
}
COMMANDS = ("pip install -r requirements.txt", "unicorn main:app --port 8000")


def naive_app(folder: Path) -> FastAPI:
    """Keeps each upload under the name that it comes with, and looks at it before it is there."""
    app = FastAPI()

    async def save(path: Path, content: bytes) -> None:
        path.write_bytes(content)

    @app.post("/predict")
    async def predict(file: UploadFile) -> dict[str, Any]:
        path = folder / (file.filename or "upload")
        path.write_bytes(b"")
        asyncio.get_running_loop().create_task(save(path, await file.read()))
        return {"result": [[f"class {len(path.read_bytes())}", "0.9"]]}

    return app


def naive(service: httpx.Client, served_from: Path, root: Path) -> Subject:
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    folders = root / "page", root / "service"
    return Subject(service, classify, bars, *folders, served_from, COMMANDS)


def classify(url: str, content: bytes) -> Any:
    answer = httpx.post(f"{url}/classify", files={"image": content}, trust_env=False)
    return answer.raise_for_status().json()


def bars(answer: Any) -> dict[str, float]:
    return {each["label"]: each["probability"] for each in answer["predictions"]}

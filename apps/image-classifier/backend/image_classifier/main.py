"""The image classifier as an ASGI app: `uvicorn image_classifier.main:app`."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi_offline import FastAPIOffline

from image_classifier.attention import while_there
from image_classifier.inference import Inference
from image_classifier.problem import Failure, handle_errors
from image_classifier.schema import About, Health, Predictions
from image_classifier.settings import Settings
from image_classifier.upload import FORM, Uploads

DESCRIPTION = """
Says what is in a picture: the likeliest of the thousand classes of ImageNet. Nothing of a picture
is kept.
"""
HELD_FILES = 16
"""The uploads of the moment take as much memory as so many of the largest files."""

Answers = dict[int | str, dict[str, Any]]


def create_app(settings: Settings) -> FastAPI:
    """Make the service; its root_path comes from whoever runs it (ASGI's root_path)."""
    inference = Inference(settings)
    uploads = Uploads(settings.max_bytes, HELD_FILES * settings.max_bytes)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(inference.load())
        yield
        await loading

    app = FastAPIOffline(
        title="Image classifier",
        description=DESCRIPTION,
        version="1.0",
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    handle_errors(app)

    @app.get("/")
    def about(request: Request) -> About:
        """What this is."""
        return About.below(str(request.scope.get("root_path", "")).rstrip("/"))

    @app.get("/health", responses=fails(503))
    async def health() -> Health:
        """Whether the model is loaded."""
        assert inference.model
        return Health(pictures=inference.pictures)

    @app.post("/classify", include_in_schema=False)
    @app.post("/classify/", name="classify", openapi_extra=FORM, responses=PREDICTION_FAILS)
    @app.post("/predict", openapi_extra=FORM, responses=PREDICTION_FAILS)
    async def predict(
        request: Request,
        file: Annotated[bytes, Depends(uploads)],
        k: Annotated[int, Query(ge=1, le=10, description="How many classes.")] = 5,
    ) -> Predictions:
        """The likeliest classes of a picture in the form's field `file`."""
        return Predictions.of(await while_there(request, inference.find(file, k)))

    return app


def fails(*statuses: int) -> Answers:
    """Return the description of answers that are errors."""
    return {each: {"model": Failure} for each in statuses}


PREDICTION_FAILS = fails(408, 413, 415, 422, 503)

logging.basicConfig(format="%(asctime)s %(message)s")
logging.getLogger("image_classifier").setLevel(logging.INFO)
app = create_app(Settings())

"""The computations as a REST API, in a process of its own: `uvicorn api:app`."""

import logging
from typing import Annotated, Any

from fastapi import FastAPI, Path, Request, Response
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline

from computations.catalogue import COMPUTATIONS
from rest.board import Board, new_pool
from rest.body_limit import BodyLimit
from rest.error import Failure, NoPicture, handle_errors
from rest.picture import picture_of
from rest.schema import AnyRequest, ComputationInfo, Computations, JobState

DESCRIPTION = """
Starts long computations, tells how far they are and what they have found so far.

Nobody can list jobs: whoever knows a job's id may ask for it and cancel it. Results are kept for
ten minutes, in memory.
"""
JobId = Annotated[str, Path(max_length=64, description="As POST /jobs told it.")]


def fails(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of answers that are errors."""
    return {status: {"model": Failure} for status in (*statuses, 413)}


def create_app(board: Board) -> FastAPI:
    """Make the API of a board; its root_path comes from whoever runs it (ASGI's root_path)."""
    app = FastAPIOffline(
        title="Task runner",
        description=DESCRIPTION,
        version="1.0",
        redoc_url=None,
    )
    handle_errors(app)
    app.add_middleware(BodyLimit)

    @app.get("/", include_in_schema=False)
    def root(request: Request) -> RedirectResponse:
        return RedirectResponse(f"{_root_path(request)}/docs")

    @app.get("/computations", responses=fails())
    def computations() -> Computations:
        """What can be computed, and with which parameters."""
        return Computations(
            computations=[ComputationInfo.of(each) for each in COMPUTATIONS.values()]
        )

    @app.post("/jobs", status_code=202, responses=fails(400, 422, 429))
    def start(request: Request, response: Response, wanted: AnyRequest) -> JobState:
        """Start a job. `Location` is where it tells how far it is."""
        job = board.start(COMPUTATIONS[wanted.computation], wanted.arguments)
        root_path = _root_path(request)
        response.headers["Location"] = f"{root_path}/jobs/{job.id}"
        return JobState.of(job, root_path)

    @app.get("/jobs/{job_id}", responses=fails(404, 422))
    def look(request: Request, job_id: JobId) -> JobState:
        """How far a job is, and what it has found so far."""
        return JobState.of(board.find(job_id), _root_path(request))

    @app.delete("/jobs/{job_id}", status_code=202, responses=fails(404, 422))
    def cancel(request: Request, job_id: JobId) -> JobState:
        """Cancel a job, if it is not finished. What it has found until then is kept."""
        return JobState.of(board.cancel(job_id), _root_path(request))

    @app.get(
        "/jobs/{job_id}/picture",
        response_class=Response,
        responses={200: {"content": {"image/png": {}, "image/svg+xml": {}}}, **fails(404, 422)},
    )
    def picture(job_id: JobId) -> Response:
        """A picture of what a job has found so far: of a fractal or a tour."""
        drawn = picture_of(board.find(job_id).result.value)
        if drawn is None:
            raise NoPicture
        return Response(
            drawn.content, media_type=drawn.media_type, headers={"Cache-Control": "no-store"}
        )

    return app


def _root_path(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")


logging.basicConfig(format="%(asctime)s %(message)s")
logging.getLogger("computations").setLevel(logging.INFO)
app = create_app(Board(new_pool()))

"""The parts of the bundled apps that have images of their own."""

from dataclasses import dataclass
from pathlib import Path

from tests.journeys.project import CODE


@dataclass(frozen=True)
class Part:
    """A folder with a Dockerfile, the packages of its own that it has, and its port."""

    name: str
    packages: tuple[str, ...]
    port: int
    data: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return CODE / "apps" / self.name

    @property
    def dockerfile(self) -> Path:
        return self.folder / "Dockerfile"


CLASSIFIER_PAGE = Part("image-classifier", ("classifier_page",), 8501, ("samples",))
CLASSIFIER = Part("image-classifier/backend", ("image_classifier",), 8000)
LIBRARY_PAGE = Part("video-library", ("library_page",), 8501)
WEB_API = Part("video-library/web_api", ("video_api",), 8000)
AUTH = Part("video-library/auth", ("video_auth",), 8001)

PARTS = (CLASSIFIER_PAGE, CLASSIFIER, LIBRARY_PAGE, WEB_API, AUTH)
DOCKERFILES = [CODE / "Dockerfile", *(part.dockerfile for part in PARTS)]

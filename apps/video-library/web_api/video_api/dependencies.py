"""What routes need of the application."""

import re
from typing import Annotated

from fastapi import Depends, Path, Request

from video_api.auth_client import AuthClient
from video_api.library import Library, UnknownVideo

_ID = re.compile(r"[0-9a-f]{32}")


def auth_of(request: Request) -> AuthClient:
    auth: AuthClient = request.app.state.auth
    return auth


def library_of(request: Request) -> Library:
    library: Library = request.app.state.library
    return library


def _video_id(video_id: Annotated[str, Path(description="As POST /videos told it.")]) -> str:
    if not _ID.fullmatch(video_id):
        raise UnknownVideo
    return video_id


VideoId = Annotated[str, Depends(_video_id)]

"""The JSON that the API takes and gives."""

from datetime import UTC, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from video_api.errors import Failure
from video_api.video import Video

Shown = Literal["uploading", "processing", "ready", "failed"]


class AccountRequest(BaseModel):
    """Who somebody is, or wants to be."""

    model_config = ConfigDict(strict=True)

    email: str = Field(max_length=320)
    password: str = Field(max_length=1024, json_schema_extra={"format": "password"})


class Message(BaseModel):
    """A sentence for people."""

    message: str


class SignedIn(BaseModel):
    """Whose session it is; changes carry `csrf_token` in the header X-CSRF-Token."""

    email: str
    csrf_token: str
    expires_at: datetime


class VideoState(BaseModel):
    """A video; sizes in bytes, the duration in seconds, the picture's size in pixels."""

    id: str
    title: str
    status: Shown
    size: int = Field(description="While it is uploaded: as far as that is known.")
    received: int
    duration: float | None
    width: int | None
    height: int | None
    sha256: str | None
    created_at: datetime
    error: str | None = Field(description="Why it failed.")
    stream: str | None = Field(description="Where browsers find it, once it is ready.")

    @classmethod
    def of(cls, video: Video, root_path: str) -> Self:
        told: dict[str, Any] = {
            name: getattr(video, name) for name in cls.model_fields if name != "stream"
        }
        told["status"] = video.status.value
        told["created_at"] = datetime.fromtimestamp(video.created_at, UTC)
        stream = f"{root_path}/stream/{video.id}" if video.status == "ready" else None
        return cls(**told, stream=stream)


class Videos(BaseModel):
    """Everything in somebody's library, the newest first."""

    videos: list[VideoState]
    used: int = Field(description="Bytes that count against the quota.")
    quota: int
    largest: int = Field(description="Bytes that one file may have.")


class Health(BaseModel):
    """Whether the storage answers; whether the auth service did when it was asked last."""

    status: Literal["ok"] = "ok"
    storage: Literal["embedded", "mongodb"]
    auth: Literal["ok", "unavailable", "unknown"]


class About(BaseModel):
    """What this is."""

    name: str
    documentation: str


def fails(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of answers that are errors."""
    always = (411, 413, 415)
    return {status: {"model": Failure} for status in sorted({*statuses, *always})}

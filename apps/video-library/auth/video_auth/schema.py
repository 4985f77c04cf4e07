"""The JSON that the service takes and gives."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from video_auth.accounts import SignedIn


def _encodable(value: str) -> str:
    value.encode()  # of JSON's half characters this makes the ValueError that pydantic expects
    return value


Text = Annotated[str, AfterValidator(_encodable)]


class Credentials(BaseModel):
    """Who somebody is, and how to prove it."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    email: Text
    password: Text = Field(json_schema_extra={"format": "password"})


class Message(BaseModel):
    """A sentence for people."""

    message: str


class SessionState(BaseModel):
    """Who is signed in; `csrf_token` is to come with each request that changes something."""

    model_config = ConfigDict(from_attributes=True)

    user_id: str
    email: str
    csrf_token: str
    expires_at: datetime

    @classmethod
    def of(cls, signed_in: SignedIn) -> Self:
        return cls.model_validate(signed_in)


class NewSession(SessionState):
    """A session that has begun; its token is told here and never again."""

    token: str


class Health(BaseModel):
    """The service and its database answer."""

    status: str = "ok"


class About(BaseModel):
    """What this service is, and where it is described."""

    service: str
    description: str = "/openapi.json"


class Reason(BaseModel):
    """A code for programs, a message and a hint for people."""

    code: str
    message: str
    hint: str = ""


class Failure(BaseModel):
    """What every answer that is an error looks like."""

    error: Reason

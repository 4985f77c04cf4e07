"""What the environment says, checked once."""

import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from video_auth.limiter import Limits

Seconds = Annotated[float, Field(gt=0, le=366 * 24 * 3600, allow_inf_nan=False)]
Number = Annotated[int, Field(ge=1, le=10**6)]

_BY_NAME_SERVER = "mongodb+srv://"
_WITHOUT_PASSWORD = {"MONGODB-X509", "MONGODB-AWS", "MONGODB-OIDC", "GSSAPI"}
"""Ways to prove who one is that need none."""


class Settings(BaseSettings):
    """Each has its name in the environment, in capitals."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True, env_ignore_empty=True)

    data_dir: Path = Path("~/.local/share/video-library")
    mongodb_uri: SecretStr | None = None
    session_days: float = Field(default=7, gt=0, le=366, allow_inf_nan=False)

    sign_in_seconds: Seconds = Limits.sign_in_seconds
    sign_in_failures_per_address_and_client: Number = Limits.per_address_and_client
    sign_in_failures_per_client: Number = Limits.per_client
    sign_in_failures_per_account: Number = Limits.per_account
    sign_ins_per_client: Number = Limits.sign_ins_per_client
    sign_up_seconds: Seconds = Limits.sign_up_seconds
    sign_ups_per_client: Number = Limits.sign_ups_per_client

    # The second of OWASP's choices for argon2id: little memory, in one lane.
    argon2_memory_kib: int = Field(default=19 * 1024, ge=8, le=4 * 1024 * 1024)
    argon2_time_cost: int = Field(default=2, ge=1, le=100)
    argon2_parallelism: int = Field(default=1, ge=1, le=64)
    hashes_at_once: int = Field(default=2, ge=1, le=64)
    hashes_waiting: int = Field(default=32, ge=0, le=10_000)

    @field_validator("data_dir")
    @classmethod
    def _at_home(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("mongodb_uri")
    @classmethod
    def _guarded(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            check_mongodb_uri(value.get_secret_value())
        return value

    @property
    def database_file(self) -> Path:
        return self.data_dir / "auth.db"

    @property
    def limits(self) -> Limits:
        return Limits(
            sign_in_seconds=self.sign_in_seconds,
            per_address_and_client=self.sign_in_failures_per_address_and_client,
            per_client=self.sign_in_failures_per_client,
            per_account=self.sign_in_failures_per_account,
            sign_ins_per_client=self.sign_ins_per_client,
            sign_up_seconds=self.sign_up_seconds,
            sign_ups_per_client=self.sign_ups_per_client,
        )


def load_settings() -> Settings:
    """Return what the environment says, or end the process with what is wrong; no value is told."""
    try:
        return Settings()
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        said = (f"{str(each['loc'][0]).upper()}: {each['msg']}" for each in problems)
        sys.exit("\n".join(said).replace(": Value error, ", ": "))


def check_mongodb_uri(uri: str) -> None:
    """Raise ValueError for what is no connection string, or has no credentials and needs them.

    The message tells nothing of the string, as there may be a password anywhere in it.
    """
    by_name_server = uri.startswith(_BY_NAME_SERVER)
    try:
        # In the other form, as of this one the driver would ask a name server.
        parsed = parse_uri(uri.replace(_BY_NAME_SERVER, "mongodb://", 1))
    except (PyMongoError, ValueError):
        raise ValueError(
            "this is not a MongoDB connection string (mongodb://user:password@host:port/database);"
            " characters such as @ : / in a password are to be percent-encoded"
        ) from None
    known = parsed["username"] and parsed["password"]
    mechanism = parsed["options"].get("authMechanism")
    here = not by_name_server and all(_is_loopback(host) for host, _port in parsed["nodelist"])
    if not known and mechanism not in _WITHOUT_PASSWORD and not here:
        raise ValueError(
            "there is no user name and password in it, and the server is not on this machine:"
            " give MongoDB a password, and name both as mongodb://user:password@host/database"
        )


def _is_loopback(host: str) -> bool:
    if host.endswith(".sock") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

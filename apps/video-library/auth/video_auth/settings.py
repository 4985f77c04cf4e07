"""What the environment says, checked once."""

import sys
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from video_auth.limiter import Limits

Seconds = Annotated[float, Field(gt=0, le=366 * 24 * 3600, allow_inf_nan=False)]
Number = Annotated[int, Field(ge=1, le=10**6)]


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

    @field_validator("argon2_parallelism")
    @classmethod
    def _has_memory(cls, value: int, info: ValidationInfo) -> int:
        if 8 * value > info.data.get("argon2_memory_kib", 8 * value):
            raise ValueError("each lane needs 8 KiB of ARGON2_MEMORY_KIB")
        return value

    @field_validator("mongodb_uri")
    @classmethod
    def _guarded(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            # Without MongoDB its driver is not loaded: that saves memory, and time when it wakes.
            from video_auth.mongo_uri import check_mongodb_uri

            check_mongodb_uri(value.get_secret_value())
        return value

    @property
    def database_file(self) -> Path:
        return self.data_dir.expanduser().absolute() / "auth.db"

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

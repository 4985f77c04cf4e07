"""What whoever runs the service may set, by environment variables."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once, at the start; a value that makes no sense ends the program and says why."""

    model_config = SettingsConfigDict(env_ignore_empty=True)

    threads: int = Field(2, ge=1, le=64, description="Pictures looked at at the same time.")
    queue: int = Field(30, ge=0, le=1000, description="Pictures that may wait for their turn.")
    max_bytes: int = Field(10 * 2**20, ge=1, description="Size of a file, at the most.")
    model_dir: Path | None = Field(None, description="Where the ONNX file is.")
    cache_dir: Path | None = Field(None, description="Where it is made, without a MODEL_DIR.")

    @property
    def model_folder(self) -> Path:
        return self.model_dir or self.cache_dir or Path.home() / ".cache/image-classifier"

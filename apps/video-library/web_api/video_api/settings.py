"""What the environment says about how the API is to run."""

from pathlib import Path, PurePosixPath

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

GIB = 1024**3


class Settings(BaseSettings):
    """The environment's variables by their names here, in capitals."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True)

    auth_url: str = "http://127.0.0.1:8001"
    data_dir: Path = Field(default_factory=lambda: Path.home() / ".local/share/video-library")
    mongodb_uri: str | None = Field(default=None, repr=False)
    """Set: MongoDB and GridFS. Not set: SQLite and files in `data_dir`."""
    max_upload_bytes: int = Field(2 * GIB, gt=0)
    quota_bytes: int = Field(10 * GIB, gt=0)
    """What the videos of one account may have together."""
    videos_per_account: int = Field(1000, gt=0)
    uploads_at_once: int = Field(3, gt=0)
    """Of one account."""
    upload_lease: float = Field(30.0, gt=0)
    """Seconds after which an upload of a process that does not answer for it counts as dead."""
    upload_patience: float = Field(60.0, gt=0)
    """Seconds for which an upload may bring nothing."""
    root_path: str = ""
    """The path below which browsers reach the API."""
    cookie_path: str | None = None
    cookie_secure: bool | None = None
    """Not set: as the request came, by https or not."""
    page_origins: str | None = None
    """Origins of pages elsewhere that may ask with the visitor's cookie, with commas between."""

    @property
    def mounted_at(self) -> str:
        return self.root_path.rstrip("/")

    @property
    def cookie_scope(self) -> str:
        """The path for which the cookie is good: the page's, too, which is beside the API."""
        if self.cookie_path:
            return self.cookie_path
        parent = str(PurePosixPath(self.mounted_at or "/").parent)
        return parent if parent.endswith("/") else f"{parent}/"

    @property
    def trusted_origins(self) -> frozenset[str]:
        origins = self.page_origins
        if origins is None:
            local = "http://localhost:8501,http://127.0.0.1:8501"
            origins = "" if self.mounted_at else local
        return frozenset(each.strip().rstrip("/") for each in origins.split(",") if each.strip())

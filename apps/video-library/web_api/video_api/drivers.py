"""Which storage it is: MongoDB where a URI names one, files and SQLite otherwise."""

from typing import Literal

from video_api.disk_bytes import DiskBytes
from video_api.gridfs_bytes import GridFsBytes
from video_api.mongo_database import database_of, new_client
from video_api.mongo_rows import MongoRows
from video_api.settings import Settings
from video_api.sqlite_rows import SqliteRows
from video_api.storage import VideoBytes, VideoRows

Kind = Literal["embedded", "mongodb"]


def kind_of(settings: Settings) -> Kind:
    return "mongodb" if settings.mongodb_uri else "embedded"


def drivers(settings: Settings) -> tuple[VideoRows, VideoBytes]:
    """Return the drivers, not yet open; raise InvalidMongoUri."""
    if settings.mongodb_uri:
        database = database_of(new_client(settings.mongodb_uri))
        return MongoRows(database), GridFsBytes(database)
    folder = settings.data_dir
    return SqliteRows(folder / "library.db"), DiskBytes(folder / "videos")

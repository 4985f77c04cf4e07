"""The web API in a process of its own: `uvicorn video_api.main:app`."""

import logging

from video_api.application import create_app
from video_api.mongo_database import InvalidMongoUri
from video_api.settings import Settings

logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
logging.getLogger("video_api").setLevel(logging.INFO)
logging.getLogger("python_multipart").setLevel(logging.ERROR)
try:
    app = create_app(Settings())
except InvalidMongoUri as error:
    raise SystemExit(str(error)) from None

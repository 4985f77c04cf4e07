"""Static files whose URL carries the hash of their content, so that browsers keep them."""

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

FOREVER = "public, max-age=31536000, immutable"


class Fingerprints:
    """The hash of each static file, read once."""

    def __init__(self, folder: Path) -> None:
        self._hashes = {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:12]
            for file in folder.iterdir()
            if file.is_file()
        }

    def install(self, app: Flask) -> None:
        app.url_defaults(self.add_to_url)
        app.after_request(self.allow_keeping)

    def add_to_url(self, endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and values.get("filename") in self._hashes:
            values.setdefault("v", self._hashes[values["filename"]])

    def allow_keeping(self, response: Response) -> Response:
        """Let a browser keep a file for good, if it asked for exactly this content."""
        if request.endpoint == "static" and response.status_code in {200, 304}:
            name = (request.view_args or {}).get("filename", "")
            wanted = request.args.get("v")
            fresh = wanted is not None and wanted == self._hashes.get(name)
            response.headers["Cache-Control"] = FOREVER if fresh else "no-cache"
        return response

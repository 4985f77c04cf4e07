"""Environments with as much of a Streamlit in them as is needed to serve its front-end."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <link rel="shortcut icon" href="./favicon.png" />
    <link rel="service-desc" href="./_stcore/agent/openapi.json" />
    <script type="module" crossorigin src="./static/js/index.Ab_-1.js"></script>
    <link rel='stylesheet' crossorigin href='./static/css/index.css'>
  </head>
  <body><a href="https://streamlit.io">elsewhere</a><div id="root"></div></body>
</html>
"""

FILES: Mapping[str, bytes] = {
    "index.html": INDEX.encode(),
    "favicon.png": b"\x89PNG",
    "manifest.json": b"{}",
    "static/js/index.Ab_-1.js": b"export const answer = 42;\n" * 50,
    "static/js/tiny.js": b"1",
    "static/css/index.css": b"body { color: black }\n" * 50,
    "static/media/font.woff2": b"wOF2" * 100,
}
"""The files of a small front-end."""


def make_streamlit(venv: Path, files: Mapping[str, bytes] = FILES, version: str = "1.67.0") -> Path:
    """Make an environment with a Streamlit as an installer leaves it; return its interpreter."""
    packages = venv / "lib/python3.11/site-packages"
    record = ["streamlit/__init__.py,sha256=abc,1", "../../../bin/streamlit,sha256=abc,1"]
    for name, data in files.items():
        path = packages / "streamlit/static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        record.append(f"streamlit/static/{name},sha256={found},{len(data)}")
    info = packages / f"streamlit-{version}.dist-info"
    info.mkdir()
    (info / "RECORD").write_text("\n".join([*record, f"{info.name}/RECORD,,"]) + "\n")
    return venv / "bin/python"

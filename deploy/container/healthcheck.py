"""Ends with 0 if the site answers on the project's public port, as the container's health check."""

import http.client
import json
import os
import sys
from pathlib import Path

PROJECT = Path(os.environ.get("STREAMLIT_CONTROLLER_PROJECT", "/srv/project"))
SECONDS = 4


def main() -> str | None:
    """Return what is wrong, if anything is."""
    try:
        site = http.client.HTTPConnection("127.0.0.1", public_port(), timeout=SECONDS)
        site.request("GET", "/healthz")
        status = site.getresponse().status
    except OSError as error:
        return f"the site does not answer: {error}"
    return None if status == http.client.OK else f"the site answers with {status}"


def public_port() -> int:
    """Return the port that config.json names, or the default one."""
    try:
        document = json.loads((PROJECT / "config.json").read_text(encoding="utf-8"))
        return int(document.get("website_port", 5000))
    except (OSError, ValueError, AttributeError, TypeError):
        return 5000


if __name__ == "__main__":
    sys.exit(main())

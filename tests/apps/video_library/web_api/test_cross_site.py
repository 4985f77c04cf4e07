"""Which requests may be another site's."""

import pytest
from video_api.cross_site import is_cross_site

TRUSTED = frozenset({"http://localhost:8501"})
HOST = "library.example:8000"


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH", "BREW"])
@pytest.mark.parametrize(
    ("site", "origin", "is_refused"),
    [
        # Browsers of today.
        ("same-origin", "http://library.example:8000", False),
        ("same-origin", None, False),
        ("none", None, False),
        ("same-site", "http://other.example:8000", True),
        ("same-site", None, True),
        ("cross-site", "https://evil.example", True),
        ("cross-site", "null", True),
        ("cross-site", None, True),
        ("", None, True),
        ("nonsense", None, True),
        ("Same-Origin", None, True),
        # A page elsewhere that may ask.
        ("same-site", "http://localhost:8501", False),
        ("cross-site", "http://localhost:8501", False),
        ("cross-site", "http://localhost:8501.evil.example", True),
        ("cross-site", "http://localhost:85010", True),
        ("cross-site", "https://localhost:8501", True),
        # Browsers of old.
        (None, "http://library.example:8000", False),
        (None, "https://library.example:8000", False),
        (None, "http://localhost:8501", False),
        (None, "http://library.example", True),
        (None, "http://library.example:8001", True),
        (None, "https://evil.example", True),
        (None, "http://library.example:8000.evil.example", True),
        (None, "http://library.example:8000@evil.example", True),
        (None, "http://ann@library.example:8000", True),
        (None, "file://library.example:8000", True),
        (None, "library.example:8000", True),
        (None, "null", True),
        (None, "", True),
        (None, "http://[", True),
        # Programs.
        (None, None, False),
    ],
)
def test_requests_that_change_something(
    method: str, site: str | None, origin: str | None, is_refused: bool
) -> None:
    headers = {"host": HOST}
    if site is not None:
        headers["sec-fetch-site"] = site
    if origin is not None:
        headers["origin"] = origin
    assert is_cross_site(method, headers, TRUSTED) is is_refused


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_requests_that_change_nothing(method: str) -> None:
    headers = {"sec-fetch-site": "cross-site", "origin": "https://evil.example", "host": HOST}
    assert not is_cross_site(method, headers, TRUSTED)


def test_a_request_without_a_host() -> None:
    assert is_cross_site("POST", {"origin": "http://"}, TRUSTED)

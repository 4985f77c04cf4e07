"""Where the page, and its visitor's browser, find the web API."""

import pytest
from library_page.addresses import api_url, browser_url


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"API_URL": ""}, "http://127.0.0.1:8000"),
        ({"API_URL": "http://127.0.0.1:8507/"}, "http://127.0.0.1:8507"),
        ({"API_URL": "http://library-api:8000"}, "http://library-api:8000"),
    ],
)
def test_for_the_page_s_own_process(environment: dict[str, str], expected: str) -> None:
    assert api_url(environment) == expected


@pytest.mark.parametrize(
    ("page", "environment", "expected"),
    [
        # Behind the controller, or an ingress: the page's own origin.
        (
            "http://127.0.0.1:5000/app/video-library/~abc234/",
            {"API_PATH": "/app/video-library/api", "API_URL": "http://127.0.0.1:8507"},
            "http://127.0.0.1:5000/app/video-library/api",
        ),
        ("https://videos.example.com/", {"API_PATH": "/api/"}, "https://videos.example.com/api"),
        ("http://[::1]:5000/app/x/", {"API_PATH": "/app/x/api"}, "http://[::1]:5000/app/x/api"),
        # By itself: the name by which the browser knows the page, so that cookies are the same.
        ("http://localhost:8501/", {}, "http://localhost:8000"),
        ("http://127.0.0.1:8501/", {}, "http://127.0.0.1:8000"),
        ("http://box.lan:8501/", {"API_URL": "http://127.0.0.1:9000"}, "http://box.lan:9000"),
        ("http://[::1]:8501/", {}, "http://[::1]:8000"),
        ("http://box/", {"API_URL": "http://box"}, "http://box:80"),
    ],
)
def test_for_the_browser(page: str, environment: dict[str, str], expected: str) -> None:
    assert browser_url(page, environment) == expected

"""What visitors are told of an error, and what not."""

import pytest

from streamlit_site.reasons import public
from tests.site.statuses import Fixed, app_status, document


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("RuntimeError: postgres://admin:hunter2@10.0.0.5/db refused (app.py, line 3)",
         "RuntimeError (app.py, line 3)"),
        ("requests.exceptions.HTTPError: 401 for token=abc", "requests.exceptions.HTTPError"),
        ("KeyError: 'password'\nhunter2", "KeyError"),
        ("SyntaxError: invalid syntax (app.py, line 2)",
         "SyntaxError: invalid syntax (app.py, line 2)"),
        ("ModuleNotFoundError: No module named 'x' (app.py, line 1)",
         "ModuleNotFoundError: No module named 'x' (app.py, line 1)"),
        ("ImportError: cannot import name 'a' from 'b' (/srv/lib/b.py)",
         "ImportError: cannot import name 'a' from 'b' (…)"),
        ("exited with code 7: secret=hunter2; gave up after 5 crashes in a row",
         "exited with code 7; gave up after 5 crashes in a row"),
        ("exited with code 1: ModuleNotFoundError: No module named 'x'",
         "exited with code 1: ModuleNotFoundError: No module named 'x'"),
        ("exited with code 1: OSError: hunter2", "exited with code 1: OSError"),
        ("was ended by SIGKILL", "was ended by SIGKILL"),
        ("port 8501 is taken by postgres, pid 4711 (choose another port)",
         "port 8501 is taken (choose another port)"),
        ("there is no Streamlit in its environment, /srv/secret/venv",
         "there is no Streamlit in its environment, …"),
        ("its folder /opt/secret/place is missing (restore it)",
         "its folder … is missing (restore it)"),
        ("Distribution not found at: file:///opt/secret/pkg",
         "Distribution not found at: …"),
        ("apps/x/requirements.txt cannot be resolved: nosuchpackage==3 was not found",
         "apps/x/requirements.txt cannot be resolved: nosuchpackage==3 was not found"),
    ],
)  # fmt: skip
def test_a_reason_loses_what_is_nobodys_business(reason: str, told: str) -> None:
    assert public(reason) == told


def test_no_page_tells_more(tmp_path: object) -> None:
    from pathlib import Path

    from streamlit_site import create_app

    status = app_status(state="failed", error="RuntimeError: hunter2 (app.py, line 3)")
    status["services"] = {
        "api": {"state": "failed", "error": "OSError: hunter2", "path": "/app/demo/api/"}
    }
    client = create_app(Fixed(document(demo=status)), Path(str(tmp_path))).test_client()
    for path in ("/", "/demo/", "/app/demo/", "/app/demo/api/x", "/api/v1/status"):
        assert "hunter2" not in client.get(path).text, path
    assert "RuntimeError (app.py, line 3)" in client.get("/demo/").text

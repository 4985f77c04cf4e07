"""Which variables go on: a table of names."""

import pytest

from streamlit_controls.core.surroundings import NEEDED, chosen, chosen_at_start


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "TMPDIR"),
        *("HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"),
        *("LD_LIBRARY_PATH", "LD_PRELOAD", "MALLOC_ARENA_MAX", "CUDA_VISIBLE_DEVICES"),
        *("NVIDIA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_MAX_THREADS"),
        "STREAMLIT_THEME_BASE",
    ],
)
def test_what_any_program_needs_goes_on(name: str) -> None:
    assert chosen({name: "1"}, NEEDED) == {name: "1"}


@pytest.mark.parametrize(
    "name",
    [
        *(
            "HOME",
            "XDG_CONFIG_HOME",
            "XDG_RUNTIME_DIR",
            "SSH_AUTH_SOCK",
            "DBUS_SESSION_BUS_ADDRESS",
        ),
        *("AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "GITHUB_TOKEN", "PATHS", "LC", "Path"),
        *("STREAMLIT_CONTROLLER_PROJECT", "STREAMLIT_CONTROLLER", "PYTHONPATH", "VIRTUAL_ENV"),
    ],
)
def test_nothing_else_does(name: str) -> None:
    assert chosen({name: "1"}, NEEDED) == {}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("AWS_*", {"AWS_REGION", "AWS_"}),
        ("AWS_REGION", {"AWS_REGION"}),
        ("*", {"AWS_REGION", "AWS_", "OTHER"}),
        ("aws_*", set[str]()),
    ],
)
def test_patterns(pattern: str, names: set[str]) -> None:
    there = ("AWS_REGION", "AWS_", "OTHER", "PYTHONHOME", "STREAMLIT_CONTROLLER_X")
    assert set(chosen(dict.fromkeys(there, "1"), (pattern,))) == names


def test_a_zygote_gets_no_more_than_its_forks_would_have_too_late() -> None:
    there = {"PATH": "/bin", "SECRET": "1", "PYTHONUTF8": "1", "HOME": "/home/me"}
    assert chosen_at_start(there, ("*",)) == {"PATH": "/bin", "PYTHONUTF8": "1"}
    assert chosen_at_start(there, ()) == {"PATH": "/bin"}

"""References in the values of environment variables."""

import pytest

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.core.references import filled

THERE = {"BACKEND_URL": "http://127.0.0.1:8505", "HOME": "/home/app", "PATH": "/bin"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("${BACKEND_URL}", "http://127.0.0.1:8505"),
        ("${BACKEND_URL}/v1?home=${HOME}", "http://127.0.0.1:8505/v1?home=/home/app"),
        ("${PATH}:/opt/bin", "/bin:/opt/bin"),
        ("$BACKEND_URL", "$BACKEND_URL"),
        ("pa$$word$", "pa$$word$"),
        ("$${HOME}", "${HOME}"),
        ("$${", "${"),
        ("${", "${"),
        ("${HOME", "${HOME"),
        ("}${HOME}{", "}/home/app{"),
        ("", ""),
    ],
)
def test_values(said: str, expected: str) -> None:
    assert filled({"X": said}, THERE) == {"X": expected}


def test_earlier_ones_can_be_referred_to_and_win() -> None:
    said = {"HOME": "/own", "DATA": "${HOME}/data", "PATH": "${PATH}:${DATA}"}
    assert filled(said, THERE) == {"HOME": "/own", "DATA": "/own/data", "PATH": "/bin:/own/data"}


def test_what_is_filled_in_is_not_read_again() -> None:
    assert filled({"X": "${A}"}, {"A": "${B}"}) == {"X": "${B}"}


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("${BACKEND_ULR}", "env.X: there is no ${BACKEND_ULR}", "did you mean BACKEND_URL?"),
        ("${}", "env.X: there is no ${}", "$${ stands for ${ itself"),
        ("${X}", "env.X: there is no ${X}", "$${ stands for ${ itself"),
    ],
)
def test_names_that_are_not_there(said: str, message: str, hint: str) -> None:
    with pytest.raises(LaunchError) as caught:
        filled({"X": said}, THERE)
    assert (caught.value.message, caught.value.hint) == (message, hint)

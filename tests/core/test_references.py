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
        ("${X}", "env.X: there is no ${X}", "$${ stands for ${ itself"),
    ],
)
def test_names_that_are_not_there(said: str, message: str, hint: str) -> None:
    with pytest.raises(LaunchError) as caught:
        filled({"X": said}, THERE)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize("secret", ["hunter2${s3cr&t!}x", "${}", "${API-KEY}", "${ HOME }"])
def test_what_is_no_name_is_not_told(secret: str) -> None:
    with pytest.raises(LaunchError) as caught:
        filled({"PASSWORD": secret}, THERE)
    assert caught.value.message == "env.PASSWORD: what it has between ${ and } is no name"
    assert caught.value.hint == "$${ stands for ${ itself"


def test_who_refers_to_what_comes_later_is_told_so() -> None:
    with pytest.raises(LaunchError) as caught:
        filled({"DATA": "${ROOT}/data", "ROOT": "/own"}, THERE)
    assert caught.value.message == "env.DATA: there is no ${ROOT}"
    assert caught.value.hint == "ROOT stands further below: move it up"

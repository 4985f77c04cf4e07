"""Figures as people read them."""

import pytest

from streamlit_controls.controller import output


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0s"),
        (0.4, "0s"),
        (59.9, "59s"),
        (60, "1m"),
        (61, "1m 1s"),
        (3599, "59m 59s"),
        (3600, "1h"),
        (11_520, "3h 12m"),
        (86_400, "1d"),
        (200_000, "2d 7h"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert output.duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 MB"), (124_000_000, "118 MB"), (3 * 1024**3, "3.0 GB")]
)
def test_memory(size: int, text: str) -> None:
    assert output.memory(size) == text


def test_count() -> None:
    assert [output.count(number, "app") for number in (0, 1, 2)] == ["0 apps", "1 app", "2 apps"]


def test_no_colour_where_none_is_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("click._compat.isatty", lambda _stream: True)
    monkeypatch.setenv("NO_COLOR", "1")
    output.echo(output.state("running"))
    monkeypatch.delenv("NO_COLOR")
    output.echo(output.state("running"))
    assert capsys.readouterr().out == "running\n\x1b[32mrunning\x1b[0m\n"


def test_what_is_too_long_loses_its_middle() -> None:
    assert output.shortened("sales", 5) == "sales"
    assert output.shortened("abcdefgh", 7) == "abc…fgh"
    assert output.shortened("abcdefgh", 6) == "abc…gh"

"""A step that fails is one message with what to do; progress says what is going on."""

import sys

import pytest

from streamlit_controls.bootstrap import progress as progress_module
from streamlit_controls.bootstrap.progress import Progress
from streamlit_controls.bootstrap.running import SetupError, run


@pytest.mark.parametrize(
    ("output", "hint"),
    [
        ("The virtual environment was not created: ensurepip is not available", "python3-venv"),
        ("error: No space left on device (os error 28)", "free some disk space"),
        ("error: failed to create directory: Read-only file system", "needs to write"),
        ("invalid peer certificate: UnknownIssuer", "SSL_CERT_FILE"),
        ("Hash mismatch for `alpha==1.0`", "other files than were locked"),
        ("Failed to fetch: `alpha`\n  error sending request", "HTTPS_PROXY"),
        ("ERROR: No matching distribution found for uv==0.13.8", "HTTPS_PROXY"),
        ("error: something unheard of", "try again"),
    ],
)
def test_each_failure_says_what_to_do(output: str, hint: str) -> None:
    command = [sys.executable, "-c", f"import sys; print({output!r}); sys.exit(1)"]
    with pytest.raises(SetupError) as raised:
        run(command, {}, Progress(), "the packages could not be installed")
    first, *_, last = raised.value.text.splitlines()
    assert first == "Error: the packages could not be installed"
    assert last.startswith("Hint: ")
    assert hint in last


def test_only_the_last_lines_of_a_failure_are_shown() -> None:
    code = "print(*range(100), 'WARNING: Retrying', sep='\\n'); raise SystemExit(1)"
    command = [sys.executable, "-c", code]
    with pytest.raises(SetupError) as raised:
        run(command, {}, Progress(), "the packages could not be installed")
    assert raised.value.text.splitlines()[1:-1] == [f"  {number}" for number in range(88, 100)]


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_progress_without_a_terminal_is_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(progress_module, "time", clock)
    progress = Progress()
    progress.step("installing 2 packages")
    for _ in range(25):
        clock.now += 1
        progress.tick()
    progress.done()
    assert capsys.readouterr().err.splitlines() == [
        "Setting up: installing 2 packages",
        "Setting up: installing 2 packages (10 s)",
        "Setting up: installing 2 packages (20 s)",
        "Setting up: done in 25.0 s",
    ]


def test_progress_on_a_terminal_counts_in_place(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(progress_module, "time", clock)
    progress = Progress()
    progress.live = True
    progress.step("installing")
    clock.now += 1
    progress.tick()
    progress.done()
    assert capsys.readouterr().err == (
        "\rSetting up: installing\x1b[K\rSetting up: installing (1 s)\x1b[K\n"
        "\rSetting up: done in 1.0 s\x1b[K\n"
    )

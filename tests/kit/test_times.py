"""The times that variables can change."""

import pytest

from streamlit_kit.sessions.times import grace_time, settle_time


@pytest.mark.parametrize(("said", "seconds"), [(None, 10), ("", 10), ("0", 0), ("2.5", 2.5)])
def test_grace(monkeypatch: pytest.MonkeyPatch, said: str | None, seconds: float) -> None:
    monkeypatch.delenv("STREAMLIT_KIT_GRACE", raising=False)
    if said is not None:
        monkeypatch.setenv("STREAMLIT_KIT_GRACE", said)
    assert grace_time() == seconds


@pytest.mark.parametrize("said", ["soon", "-1", "nan", "inf", "10s"])
def test_nonsense_is_an_error(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("STREAMLIT_KIT_SETTLE", said)
    with pytest.raises(ValueError, match="STREAMLIT_KIT_SETTLE is"):
        settle_time()

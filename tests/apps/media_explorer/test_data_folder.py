"""Where favourites and the token are kept."""

from pathlib import Path

import pytest
from data_folder import data_folder
from media_error import MediaConfigError


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"DATA_DIR": "/d", "XDG_DATA_HOME": "/x", "HOME": "/h"}, "/d/media-explorer"),
        ({"XDG_DATA_HOME": "/x", "HOME": "/h"}, "/x/media-explorer"),
        ({"XDG_DATA_HOME": "relative", "HOME": "/h"}, "/h/.local/share/media-explorer"),
        ({"DATA_DIR": "", "HOME": "/h"}, "/h/.local/share/media-explorer"),
    ],
)
def test_the_first_that_is_there(environ: dict[str, str], expected: str) -> None:
    assert data_folder(environ) == Path(expected)


def test_a_relative_one_would_depend_on_the_working_directory() -> None:
    with pytest.raises(MediaConfigError, match="DATA_DIR"):
        data_folder({"DATA_DIR": "data"})


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(MediaConfigError) as caught:
        data_folder({})
    assert "DATA_DIR" in caught.value.hint

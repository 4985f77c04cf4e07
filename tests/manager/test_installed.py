"""What an environment tells of where its packages are from."""

from pathlib import Path

import pytest

from streamlit_controls.manager.installed import from_folders


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ('{"url": "file:///lib", "dir_info": {}}', ["tiny_lib"]),
        ('{"url": "file:///lib", "dir_info": {"editable": false}}', ["tiny_lib"]),
        ('{"url": "file:///lib", "dir_info": {"editable": true}}', []),
        ('{"url": "file:///lib.whl", "archive_info": {}}', []),
        ("[]", []),
        ("\xff", []),
        (None, []),
    ],
)
def test_packages_from_folders(tmp_path: Path, record: str | None, found: list[str]) -> None:
    info = tmp_path / "lib/python3.11/site-packages/tiny_lib-1.0.dist-info"
    info.mkdir(parents=True)
    if record is not None:
        (info / "direct_url.json").write_text(record, encoding="latin-1")
    assert from_folders(tmp_path) == found

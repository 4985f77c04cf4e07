"""Makes the folders that each app has for itself, beside its own: they are nobody else's to see."""

from pathlib import Path

from streamlit_controls.core.launch import own_folders


def make(app: str, root: Path) -> None:
    """Make an app's home, and the folder for what it can make again, if they are not there."""
    for folder in own_folders(app, root):
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)

"""An environment that is made in no time: it borrows all packages, and has some of its own."""

import sys
import sysconfig
import venv
from pathlib import Path

PACKAGES = {
    "labold": """
import os
import streamlit.components.v1 as components
old = components.declare_component("old", path=os.path.join(os.path.dirname(__file__), "front"))
""",
    "labraises": "raise RuntimeError('no licence')",
    "labthread": """
import threading
threading.Thread(target=threading.Event().wait, daemon=True, name="watcher").start()
""",
    "labnative": """
import _thread, time
_thread.start_new_thread(time.sleep, (600,))
""",
    "labopen": "import os\nkept = os.eventfd(0)",
}


def make(folder: Path, *, borrowing: bool = True) -> Path:
    """Make it, with all that the tests' own one has, or with nothing; return its packages."""
    venv.create(folder, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    if borrowing:
        (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
        for name, text in PACKAGES.items():
            add(packages, name, text)
        (packages / "labold/front").mkdir()
        (packages / "labold/front/index.html").write_text("<p>old</p>\n")
        add_component(packages, "labnew", "new")
    return packages


def add(packages: Path, name: str, text: str) -> Path:
    """Add a package."""
    folder = packages / name
    folder.mkdir()
    (folder / "__init__.py").write_text(text)
    return folder


def add_component(packages: Path, name: str, part: str) -> None:
    """Add a package with a component of the second version, which its manifest tells of."""
    made = f"{part} = st.components.v2.component('{name}.{part}', js='main.js')\n"
    folder = add(packages, name, f"import streamlit as st\n{made}")
    (folder / "front").mkdir()
    (folder / "front/main.js").write_text("export default function() {}\n")
    manifest = f"""
[project]
name = "{name}"
version = "1.0"
[[tool.streamlit.component.components]]
name = "{part}"
asset_dir = "front"
"""
    (folder / "pyproject.toml").write_text(manifest)
    told = packages / f"{name}-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: streamlit\n"
    )
    listed = ("__init__.py", "pyproject.toml", "front/main.js")
    (told / "RECORD").write_text("".join(f"{name}/{each},,\n" for each in listed))
    (told / "top_level.txt").write_text(f"{name}\n")

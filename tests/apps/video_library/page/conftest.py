"""What the tests of the video library's page share: its modules on the path."""

import sys
from pathlib import Path

APP = Path(__file__).resolve().parents[4] / "apps" / "video-library"

# It is started in this folder.
if str(APP) not in sys.path:
    sys.path.append(str(APP))

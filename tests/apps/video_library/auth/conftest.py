"""What the tests of the auth service share: its package on the path, and a MongoDB."""

import sys
from pathlib import Path

from tests.apps.video_library.mongo import mongodb as mongodb
from tests.apps.video_library.mongo import mongodb_uri as mongodb_uri

SERVICE = Path(__file__).resolve().parents[4] / "apps/video-library/auth"

# It is no package of the project: the service is started in this folder.
sys.path.append(str(SERVICE))

"""Puts the media server's folder on the path: its modules are no package, as it is started there.

Whoever imports modules of the media server imports this one first.
"""

import sys
from pathlib import Path

MEDIA_SERVER = Path(__file__).resolve().parent.parent / "media_server"

if str(MEDIA_SERVER) not in sys.path:
    sys.path.append(str(MEDIA_SERVER))

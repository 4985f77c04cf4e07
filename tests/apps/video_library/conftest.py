"""What the tests of the video library share: its modules on the path, a MongoDB."""

import sys

from tests.apps.video_library.lost_sockets import no_lost_sockets as no_lost_sockets
from tests.apps.video_library.mongo import mongodb as mongodb
from tests.apps.video_library.mongo import mongodb_uri as mongodb_uri
from tests.apps.video_library.processes import APP, AUTH, WEB_API

# The page and both services are started in these folders.
sys.path += [str(each) for each in (APP, AUTH, WEB_API) if str(each) not in sys.path]

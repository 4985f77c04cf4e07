"""Log files that processes append to directly: bounded by rotation, read across it.

A log is one stream of bytes. Its newest part is the live file `hello.log`; older parts are the
pieces `hello.log.1` (the newer) to `hello.log.N`. Pieces are cut anywhere, also within a line: only
all of them together, oldest first, are the text. Writers open the live file with O_APPEND and know
nothing of this; rotation and readers agree on a picture by an flock on the live file.
"""

from streamlit_controls.logfile.following import follow, tail
from streamlit_controls.logfile.rotation import rotate

__all__ = ["follow", "rotate", "tail"]

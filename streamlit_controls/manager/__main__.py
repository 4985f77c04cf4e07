"""Starts a manager as its keeper does: `python -m streamlit_controls.manager`."""

import argparse
import os
import socket
import sys
from pathlib import Path

from streamlit_controls.manager import daemon
from streamlit_controls.manager.link import KeeperLink
from streamlit_controls.project import Project

parser = argparse.ArgumentParser(prog="streamlit_controls.manager")
parser.add_argument("--project", type=Path, required=True)
parser.add_argument("--link-fd", type=int, required=True)
parser.add_argument("--ready-fd", type=int)
arguments = parser.parse_args()
for descriptor in (arguments.link_fd, arguments.ready_fd):
    if descriptor is not None:
        os.set_inheritable(descriptor, False)
link = KeeperLink(arguments.project, socket.socket(fileno=arguments.link_fd))
sys.exit(daemon.main(Project(arguments.project), link, arguments.ready_fd))

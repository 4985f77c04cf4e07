"""The command line: what ./streamlit_controller runs in its own environment."""

import os
import sys

os.environ.pop("PYTHONPATH", None)  # it is ours: no process that we start should see it
sys.dont_write_bytecode = False  # many images forbid it for all; it would make each call slower

from streamlit_controls.controller.main import main  # noqa: E402

sys.exit(main())

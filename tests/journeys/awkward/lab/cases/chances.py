"""What must differ between any two processes."""

import multiprocessing
import random
import secrets
import tempfile
import uuid

import numpy as np
import streamlit as st


def show() -> dict[str, str]:
    with tempfile.NamedTemporaryFile() as file:
        name = file.name
    return {
        "random": str(random.random()),  # noqa: S311
        "own generator": str(random.Random().random()),  # noqa: S311
        "numpy": str(np.random.rand()),
        "numpy's generator": str(np.random.default_rng().random()),
        "uuid": str(uuid.uuid4()),
        "uuid by time": str(uuid.uuid1()),
        "secret": secrets.token_hex(),
        "file": name,
        "key of cookies": st.get_option("server.cookieSecret"),
        "key of child processes": multiprocessing.current_process().authkey.hex(),
    }

"""Parts of the standard library and of others that keep something open or in C."""

import ctypes
import os
import sqlite3
import ssl
import sys
import warnings
from typing import Any

from PIL import Image


def show() -> dict[str, Any]:
    with sqlite3.connect(":memory:") as database:
        rows = database.execute("select 1 + 1").fetchall()
    context = ssl.create_default_context()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        warnings.warn("seen", UserWarning, stacklevel=1)
    print("by print")  # noqa: T201
    print("to stderr", file=sys.stderr)  # noqa: T201
    os.write(1, b"by descriptor\n")
    os.system("echo by a shell")  # noqa: S605
    return {
        "rows": rows,
        "tls": [context.check_hostname, len(context.get_ca_certs())],
        "warned": [str(each.message) for each in caught],
        "image": Image.new("RGB", (3, 3), "red").resize((6, 6)).getpixel((5, 5)),
        "c": ctypes.CDLL(None).abs(-5),
    }

"""Child processes of every kind that Python makes."""

import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

CHILD = """
import os, signal, sys
print(sys.argv, os.getcwd(), sys.stdout.write_through, sorted(os.listdir('/proc/self/fd'))[:3])
print([signal.getsignal(each) for each in (2, 13, 15, 17)], os.environ.get('OWN'))
"""


def show() -> dict[str, Any]:
    main = sys.modules["__main__"]
    shown: dict[str, Any] = {}
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            shown[method] = [pool.submit(look).result(60), *pool.map(main.double, range(5))]
    children = multiprocessing.get_context("fork").Pool(2)
    shown["pool"] = children.map(abs, [-1, 2, -3])
    children.close()  # its end as a context is a signal, which they handle as the server does
    children.join()
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=theirs.send, args=("hello",))
    process.start()
    shown["sent"] = ours.recv() if ours.poll(30) else None
    process.join(30)
    shown["process"] = [process.name, process.exitcode]
    command = [sys.executable, "-c", CHILD, "argument"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    shown["program"] = done.stdout.splitlines()
    pid = os.fork()
    if pid == 0:
        os._exit(7)
    shown["forked"] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return shown


def look() -> list[Any]:
    """Return what a child sees of itself."""
    return [
        __name__,
        str(Path.cwd()),
        sys.argv,
        sys.path,
        multiprocessing.current_process().daemon,
        str(multiprocessing.process.ORIGINAL_DIR),  # type: ignore[attr-defined]
        str(signal.getsignal(signal.SIGTERM)),
        os.getpgid(0) == os.getpgid(os.getppid()),
        os.environ.get("OWN"),
    ]

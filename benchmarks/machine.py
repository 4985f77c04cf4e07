"""What the benchmarks ran on."""

import os
import platform
import re
from pathlib import Path

import psutil


def machine() -> dict[str, str]:
    """Return what a reader needs to judge the figures."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = psutil.virtual_memory().total / 2**30
    return {
        "processor": model[1] if model else platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
    }

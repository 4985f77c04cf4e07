"""What has become of processes."""

import psutil


def has_ended(pid: int) -> bool:
    """Tell whether there is no process of that number any more, but for one not reaped yet."""
    try:
        return str(psutil.Process(pid).status()) == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True

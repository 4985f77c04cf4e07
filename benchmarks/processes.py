"""The processes of a contender: all that run in its folder or name it, and their descendants."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

MEGA = 1_000_000


def processes_of(folder: Path) -> list[psutil.Process]:
    """Return the processes that a contender with this folder has now."""
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        if process.pid != os.getpid() and _belongs(process, f"{folder}"):
            found[process.pid] = process
            try:
                found.update({child.pid: child for child in process.children(recursive=True)})
            except psutil.NoSuchProcess:
                continue
    return [process for process in found.values() if _alive(process)]


def memory(processes: Iterable[psutil.Process]) -> float:
    """Return their proportional set size in MB: what several share counts once in the sum."""
    return sum(_proportional_kib(process.pid) for process in processes) * 1024 / MEGA


def processor_seconds(processes: Iterable[psutil.Process]) -> float:
    """Return the processor time that they have used since they began."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def end(processes: list[psutil.Process], patience: float) -> None:
    """End them, kindly at first."""
    for process in processes:
        _signal(process.terminate)
    _, left = psutil.wait_procs(processes, timeout=patience)
    for process in left:
        _signal(process.kill)
    psutil.wait_procs(left, timeout=patience)


def _belongs(process: psutil.Process, folder: str) -> bool:
    try:
        if any(folder in argument for argument in process.cmdline()):
            return True
        return f"{process.cwd()}/".startswith(f"{folder}/")
    except psutil.Error:
        return False


def _alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _proportional_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _signal(send: Callable[[], None]) -> None:
    try:
        send()
    except psutil.NoSuchProcess:
        return

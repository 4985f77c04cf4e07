"""A sandbox around a process: what it sees of this machine, as arguments for bubblewrap."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.core.launch import Launch

BASE = ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
"""What a sandbox begins with: all of this machine, unchangeable; own devices and processes."""

KERNEL = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
"""The kernel's settings: root may change them, even in a sandbox, where it has no other power."""

NAMESPACES = (
    *("--unshare-user-try", "--unshare-pid", "--unshare-ipc", "--unshare-uts"),
    *("--cap-drop", "ALL"),
)
"""What else a sandbox does not share with this machine. It does share the network."""

TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108 - what is replaced, not where we write
"""Folders of which each sandbox has its own, in memory."""

SETTINGS = (
    "user.max_user_namespaces",
    "kernel.unprivileged_userns_clone",
    "kernel.apparmor_restrict_unprivileged_userns",
)
"""The kernel's settings that decide whether ordinary accounts may make sandboxes."""

COMPILED = "PYTHONPYCACHEPREFIX"
"""The variable that tells Python where to keep what it compiles: beside the source it cannot."""


@dataclass(frozen=True)
class View:
    """What a sandbox shows of this machine; every path is a real one, without symbolic links.

    What is in `hidden` and `temporary` folders is not there, but for `links`, symbolic links with
    what they lead to, and for what is `readable` or `writable`.
    """

    hidden: tuple[Path, ...]
    temporary: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    links: Mapping[Path, str] = field(default_factory=dict)


def wrapped(how: Launch, program: Path, view: View, entrance: Iterable[str]) -> Launch:
    """Return the launch of the same process in a sandbox; raise LaunchError where it hides nothing.

    `program` is bubblewrap; `entrance` the command, inside, that turns into the one after it.
    """
    for path in {*view.readable, *view.writable}.intersection(view.hidden):
        raise LaunchError(
            f"its sandbox would have to show all that is in {path}",
            "let the app, its services and its Python have folders of their own",
        )
    argv = [str(program), *BASE, *NAMESPACES]
    for name in KERNEL:
        argv += ["--ro-bind-try", name, name]
    for _, words in sorted(_mounts(view).items(), key=lambda item: len(item[0].parts)):
        argv += words
    for folder in view.hidden:
        argv += ["--remount-ro", str(folder)]
    argv += ["--chdir", str(how.cwd), "--", *entrance, *how.argv]
    return replace(how, argv=tuple(argv), env=_variables(how.env, view))


def probe(program: Path) -> list[str]:
    """Return a command that succeeds where this machine allows sandboxes."""
    return [str(program), *BASE, *NAMESPACES, "--tmpfs", TEMPORARY[0], "--", "/bin/sh", "-c", ":"]


def explained(said: str, kernel: Mapping[str, str], *, root: bool) -> tuple[str, str]:
    """Return why bubblewrap cannot make a sandbox, and what to do about it.

    `said` is what it wrote, `kernel` the values of the kernel's settings that there are.
    """
    words = said.strip().splitlines()[-1].removeprefix("bwrap: ") if said.strip() else "it ended"
    if not root and kernel.get("user.max_user_namespaces") == "0":
        return "the kernel allows no user namespaces", "sysctl user.max_user_namespaces=15000"
    if not root and kernel.get("kernel.unprivileged_userns_clone") == "0":
        return (
            "the kernel keeps user namespaces from ordinary accounts",
            "sysctl kernel.unprivileged_userns_clone=1",
        )
    if not root and kernel.get("kernel.apparmor_restrict_unprivileged_userns") == "1":
        return (
            f"AppArmor keeps user namespaces from bubblewrap: {words}",
            "apt install bubblewrap, and allow it as docs/isolation.md says",
        )
    if "permitted" in words or "ermission denied" in words:
        return (
            f"bubblewrap is not allowed to make one: {words}",
            "in a container, allow it as docs/isolation.md says",
        )
    return f"bubblewrap cannot make one: {words}", "see docs/isolation.md"


def _mounts(view: View) -> dict[Path, tuple[str, ...]]:
    """Return the arguments for each path that differs from what a sandbox begins with."""
    covered = (*view.hidden, *view.temporary)
    shown = (*view.readable, *view.writable)
    found: dict[Path, tuple[str, ...]] = {path: ("--tmpfs", str(path)) for path in covered}
    for path, target in view.links.items():
        if _is_in(path, covered) and not _is_in(path, shown):
            found[path] = ("--symlink", target, str(path))
    for path in view.readable:
        if _is_in(path, covered):
            found[path] = ("--ro-bind", str(path), str(path))
    for path in view.writable:
        found[path] = ("--bind", str(path), str(path))
    return found


def _variables(env: Mapping[str, str], view: View) -> dict[str, str]:
    """Return the variables, without a folder for temporary files that is not one here."""
    found = dict(env)
    temporary = Path(found.get("TMPDIR", TEMPORARY[0]))
    if not _is_in(temporary, (*view.temporary, *view.writable)):
        found.pop("TMPDIR", None)
    if "HOME" in found:
        found.setdefault(COMPILED, f"{found['HOME']}/.cache/pycache")
    return found


def _is_in(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)

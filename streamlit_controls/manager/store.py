"""What a manager writes down for its successor."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.replica import Instance, Replica
from streamlit_controls.manager.reserve import Reserve

ROOM = 64 * 1024
"""Bytes that the file takes at least, or twice what is in it: on a full disk, there it can grow."""

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Memory:
    """The wishes and the replicas, and the last configuration that was in order."""

    document: Mapping[str, Any] = field(default_factory=dict)
    manifests: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What app.toml said, by app; those that were not in order are not among them."""
    stopped: frozenset[str] = frozenset()
    """Keys of apps that the operator stopped."""
    generations: Mapping[str, int] = field(default_factory=dict)
    replicas: tuple[Replica, ...] = ()


class Store:
    """Keeps the memory of one project in a file; only a manager that starts reads it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._reserve = Reserve(file.parent)
        self._saved: Memory | None = None

    def load(self) -> Memory | None:
        """Return the memory of this boot, or None where there is none that can be read."""
        try:
            document = json.loads(self._file.read_text())
            if document["boot"] != _boot():
                return None
            return Memory(
                document=document["document"],
                manifests=document.get("manifests", {}),
                stopped=frozenset(document["stopped"]),
                generations=document["generations"],
                replicas=tuple(_replica(each) for each in document["replicas"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, memory: Memory) -> None:
        """Write the memory down, if it is not written already."""
        memory = replace(memory, replicas=tuple(map(_lasting, memory.replicas)))
        if memory == self._saved:
            return
        document = {
            "boot": _boot(),
            "document": memory.document,
            "manifests": memory.manifests,
            "stopped": sorted(memory.stopped),
            "generations": dict(memory.generations),
            "replicas": [asdict(replica) for replica in memory.replicas],
        }
        text = json.dumps(document)
        self._reserve.write(self._file, text.ljust(max(ROOM, 2 * len(text))), mode=0o600)
        self._saved = memory

    def clear(self) -> None:
        """Forget everything: the end was meant."""
        self._file.unlink(missing_ok=True)


def _lasting(replica: Replica) -> Replica:
    """Return a replica without what changes all the time and is told anew anyhow.

    Nobody knows later how it is used: a successor must not go by that.
    """
    instance = replica.instance
    known = instance and replace(instance, sessions=None, used_at=None, busy=False)
    return replace(replica, instance=known)


def _replica(values: Mapping[str, Any]) -> Replica:
    instance = values["instance"]
    return Replica(
        **{
            **values,
            "state": State(values["state"]),
            "instance": Instance(**instance) if instance else None,
        }
    )


def _boot() -> str:
    return BOOT_ID.read_text().strip()

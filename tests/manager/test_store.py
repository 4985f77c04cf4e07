"""What a manager writes down for its successor."""

import json
from pathlib import Path

import pytest

from streamlit_controls.core.lifecycle import State
from streamlit_controls.manager import reserve, store
from streamlit_controls.manager.reserve import Reserve
from streamlit_controls.manager.store import Memory, Store
from tests.support.samples import instance, replica

MEMORY = Memory(
    document={"apps": {"hello": {"name": "Müller"}}},
    manifests={"hello": {"icon": "🧪"}},
    stopped=frozenset({"a", "b"}),
    generations={"hello": 3},
    replicas=(
        replica(instance=instance(error="caf\udce9"), crashes=2, restarts=1, generation=3),
        replica(State.BACKOFF, number=2, retry_at=5.5, error="exited with code 1"),
        replica(State.DRAINING, number=3, deadline=7.25),
    ),
)


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    return Store(tmp_path / "state.json")


def test_round_trip(kept: Store) -> None:
    kept.save(MEMORY)
    assert kept.load() == MEMORY


def test_nobody_else_may_read_it(kept: Store, tmp_path: Path) -> None:
    kept.save(MEMORY)
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600


def test_the_same_is_written_once(kept: Store, tmp_path: Path) -> None:
    kept.save(MEMORY)
    before = (tmp_path / "state.json").stat().st_ino
    kept.save(Memory(**MEMORY.__dict__))
    assert (tmp_path / "state.json").stat().st_ino == before
    kept.save(Memory())
    assert (tmp_path / "state.json").stat().st_ino != before


def test_nothing_is_known_of_another_boot(
    kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.save(MEMORY)
    boot = tmp_path / "boot_id"
    boot.write_text("another-boot\n")
    monkeypatch.setattr(store, "BOOT_ID", boot)
    assert kept.load() is None


def test_what_could_not_be_saved_is_saved_the_next_time(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    kept.save(Memory())
    with monkeypatch.context() as patch:
        patch.setattr(Reserve, "write", full)
        with pytest.raises(OSError, match="No space"):
            kept.save(MEMORY)
        assert kept.load() == Memory()
    kept.save(MEMORY)
    assert kept.load() == MEMORY


@pytest.mark.parametrize("replicas", [1, 500])
def test_on_a_full_disk_there_is_room_for_what_starts(
    kept: Store, monkeypatch: pytest.MonkeyPatch, replicas: int
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    def memory(count: int) -> Memory:
        return Memory(replicas=tuple(replica(number=number) for number in range(count)))

    kept.save(memory(replicas))
    monkeypatch.setattr(reserve, "write_atomically", full)
    for count in (replicas * 19 // 10, 0, replicas):
        kept.save(memory(count))
        assert kept.load() == memory(count)


def test_cleared(kept: Store) -> None:
    kept.clear()
    kept.save(MEMORY)
    kept.clear()
    assert kept.load() is None


def test_whatever_is_in_the_file(kept: Store, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    kept.save(MEMORY)
    whole = json.loads(file.read_text())
    assert kept.load() is not None
    broken: list[object] = [5, [], "x", {}, {"boot": whole["boot"]}]
    for key in whole:
        broken += [whole | {key: value} for value in (None, 5, [5], {"x": 5}, [{"x": 5}])]
    for document in broken:
        file.write_text(json.dumps(document))
        kept.load()
    for data in (b"", b"\xff", file.read_bytes()[:100]):
        file.write_bytes(data)
        assert kept.load() is None

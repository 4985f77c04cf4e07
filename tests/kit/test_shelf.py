"""What has ended is kept for so long, and only so much of it."""

from streamlit_kit.tasks.shelf import Shelf


def test_the_oldest_make_room_for_the_newest_of_their_owner() -> None:
    shelf: Shelf[str] = Shelf(2, ttl=100)
    gone = [shelf.put(item[0], item, now) for now, item in enumerate(["a1", "b1", "a2", "a3"])]
    assert gone == [[], [], [], ["a1"]]
    assert len(shelf) == 3


def test_none_at_all_may_be_kept() -> None:
    shelf: Shelf[str] = Shelf(0, ttl=100)
    assert shelf.put("a", "a1", 0) == ["a1"]
    assert len(shelf) == 0


def test_time_runs_out() -> None:
    shelf: Shelf[str] = Shelf(9, ttl=10)
    shelf.put("a", "a1", now=0)
    shelf.put("b", "b1", now=4)
    assert shelf.next_expiry() == 10
    assert shelf.expired(now=9.9) == []
    assert shelf.expired(now=10) == ["a1"]
    shelf.remove("a", "a1")
    assert shelf.next_expiry() == 14
    assert shelf.expired(now=99) == ["b1"]
    shelf.remove("b", "b1")
    shelf.remove("b", "b1")
    assert shelf.next_expiry() is None

"""Nobody waits behind another owner's many items."""

from collections import Counter

import pytest

from streamlit_kit.tasks.fair_queue import FairQueue


def drained(queue: FairQueue[str], busy: Counter[str], limit: int | None = None) -> str:
    """Take items as workers do that never end anything."""
    taken = ""
    while (item := queue.take(lambda owner: busy[str(owner)], limit)) is not None:
        busy[item[0]] += 1
        taken += f"{item} "
    return taken.strip()


def filled(items: str) -> FairQueue[str]:
    """Return a queue with items whose first letter names their owner."""
    queue: FairQueue[str] = FairQueue()
    for item in items.split():
        queue.put(item[0], item)
    return queue


@pytest.mark.parametrize(
    ("items", "taken"),
    [
        ("", ""),
        ("a1 a2 a3", "a1 a2 a3"),
        ("a1 a2 a3 b1", "a1 b1 a2 a3"),
        ("a1 a2 b1 b2 c1", "a1 b1 c1 a2 b2"),
    ],
)
def test_owners_take_turns(items: str, taken: str) -> None:
    assert drained(filled(items), Counter()) == taken


def test_who_keeps_workers_busy_comes_after_who_does_not() -> None:
    queue = filled("a1 a2 a3 b1 b2")
    assert drained(queue, Counter(a=2)) == "b1 b2 a1 a2 a3"


def test_who_has_as_many_busy_as_may_be_waits() -> None:
    queue = filled("a1 a2 b1 b2")
    assert drained(queue, Counter(), limit=1) == "a1 b1"
    assert len(queue) == 2
    assert drained(queue, Counter(a=1), limit=1) == "b2"


def test_turns_do_not_come_back_to_who_had_just_one() -> None:
    queue = filled("a1 a2 b1 b2")
    assert queue.take(lambda _: 0) == "a1"
    assert queue.take(lambda _: 0) == "b1"
    assert queue.take(lambda _: 0) == "a2"


def test_an_item_can_go_from_the_middle() -> None:
    queue = filled("a1 a2 a3 b1")
    queue.remove("a", "a2")
    queue.remove("b", "b1")
    assert (len(queue), queue.count("a"), queue.count("b")) == (2, 2, 0)
    assert drained(queue, Counter()) == "a1 a3"
    with pytest.raises(KeyError):
        queue.remove("a", "a1")

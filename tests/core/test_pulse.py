"""Who hangs, who is only busy, and what is nobody's fault, as histories of looks."""

import pytest

from streamlit_controls.core.pulse import BUSY, IDLE, UNWELL, Doing, Look, Pulse

BLOCKED = "its event loop is blocked"


def look(at: float, state: str = "S", used: float = 1.0, **more: object) -> Look:
    return Look(at, Doing(frozenset(state), {7: used}), **more)  # type: ignore[arg-type]


def ends(*looks: Look) -> tuple[float, str] | None:
    """Return when a history has a verdict, and which."""
    pulse = Pulse(0.0)
    for each in looks:
        pulse = pulse.after(each)
        verdict = pulse.verdict(BLOCKED)
        if verdict is not None:
            return each.at, verdict
    return None


def every_two_seconds(until: float, state: str = "S", work: float = 0.0) -> list[Look]:
    """Return looks at a process that uses this part of a processor."""
    return [look(at, state, 1.0 + work * at) for at in range(2, int(until) + 1, 2)]


def test_nothing_is_said_before_a_look() -> None:
    assert Pulse(0.0).verdict(BLOCKED) is None


def test_who_is_silent_and_does_nothing_hangs() -> None:
    assert ends(*every_two_seconds(20)) == (8, f"did not answer for 8 s: {BLOCKED}")
    assert ends(*every_two_seconds(IDLE - 1)) is None


def test_who_is_stopped_is_said_to_be() -> None:
    assert ends(*every_two_seconds(20, "T")) == (
        8,
        "did not answer for 8 s: it is stopped (SIGSTOP)",
    )


def test_timers_of_its_own_are_no_work() -> None:
    assert ends(*every_two_seconds(20, work=0.02)) == (8, f"did not answer for 8 s: {BLOCKED}")


@pytest.mark.parametrize(
    ("state", "work"), [("S", 0.5), ("R", 0.0), ("D", 0.0), ("t", 0.0), ("RS", 0.0)]
)
def test_who_works_has_much_longer(state: str, work: float) -> None:
    at, verdict = ends(*every_two_seconds(2 * BUSY, state, work)) or (0, "")
    assert (at, verdict) == (BUSY, f"did not answer for {BUSY:.0f} s, although it was busy")


def test_who_starts_processes_works() -> None:
    looks = [Look(at, Doing(frozenset("S"), {at: 1.0})) for at in range(2, 40, 2)]
    assert ends(*looks) is None


def test_who_stops_working_hangs_a_moment_later() -> None:
    busy = every_two_seconds(60, work=1.0)
    idle = [look(at, used=61.0) for at in range(62, 90, 2)]
    assert ends(*busy, *idle) == (66, f"did not answer for 66 s: {BLOCKED}")


def test_a_moment_of_work_begins_the_count_anew() -> None:
    looks = every_two_seconds(40)
    for index in range(1, len(looks), 2):
        looks[index] = look(looks[index].at, "R")
    assert ends(*looks) is None


def test_a_look_that_comes_late_forgets_what_was_before() -> None:
    """A machine that slept, or had no time for the manager, had none for anybody."""
    late = [look(6.0 + 5 * number) for number in range(40)]
    assert ends(*late) is None
    on_time_again = [look(201.0 + at) for at in range(2, 20, 2)]
    assert ends(*late, *on_time_again) == (209, f"did not answer for 8 s: {BLOCKED}")


def test_where_most_are_silent_it_is_hardly_its_own_fault() -> None:
    looks = [look(at, like_most=True) for at in range(2, int(2 * BUSY), 2)]
    assert ends(*looks) == (BUSY, f"did not answer for {BUSY:.0f} s, like most others")


def test_once_others_answer_it_is() -> None:
    together = [look(at, like_most=True) for at in range(2, 42, 2)]
    alone = [look(at) for at in range(42, 60, 2)]
    assert ends(*together, *alone) == (46, f"did not answer for 46 s: {BLOCKED}")


def test_who_answers_badly_has_some_time_to_mend() -> None:
    looks = [look(at, complaint="answered its health checks with 503") for at in range(2, 90, 2)]
    assert ends(*looks) == (UNWELL, "answered its health checks with 503 for 30 s")

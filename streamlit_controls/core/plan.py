"""Compares what should run with what runs, and says what to do; the whole policy is here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from streamlit_controls.core.company import in_company
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.replica import Replica


@dataclass(frozen=True)
class Wish:
    """How much of a unit should run: so many replicas, all of this generation."""

    replicas: int
    generation: int
    overlap: bool = True
    """Whether a new generation starts beside the old one, or only once that is gone."""
    together: bool = False
    """Whether its replicas share a socket, and so sleep together."""
    first: bool = False
    """Whether others wait with their start until it has come up."""
    idle_timeout: float = 0.0
    """Seconds without use after which a replica sleeps; 0 is never."""
    idle_tab_timeout: float = 0.0
    """Seconds without its visitor's doing after which an open tab is no use; 0 is never."""
    sleep_before: float = 0.0
    """Replicas whose process is older than this sleep now; in seconds since boot."""
    drain_timeout: float = 0.0
    """Seconds for which a replica that was replaced stays for its sessions; 0 is not at all."""


@dataclass(frozen=True)
class Create:
    """Make and start a new replica."""

    unit: str
    generation: int


@dataclass(frozen=True)
class Retry:
    """Start a replica again: its back-off is over."""

    replica: int


@dataclass(frozen=True)
class Drain:
    """Tell a replica to end as soon as nobody is with it any more, or it is `until`."""

    replica: int
    until: float


@dataclass(frozen=True)
class Stop:
    """Tell a replica to end."""

    replica: int


@dataclass(frozen=True)
class Sleep:
    """Have a replica's process end until somebody wants it; `at_once`, even if it is in use."""

    replica: int
    at_once: bool = False


@dataclass(frozen=True)
class Kill:
    """End a replica's process by force: it had its time."""

    replica: int


@dataclass(frozen=True)
class Remove:
    """Forget a replica that has no process and no purpose."""

    replica: int


Action = Create | Retry | Drain | Stop | Sleep | Kill | Remove

NOTHING = Wish(replicas=0, generation=0)

IDLE_ENOUGH = 60.0
"""Seconds without use after which a replica may sleep early, where memory is short."""

UP = frozenset({State.RUNNING, State.SLEEPING})
"""States of a replica that can be visited, at once or after a moment."""


def plan(wishes: Mapping[str, Wish], actual: Iterable[Replica], now: float) -> list[Action]:
    """Return what brings the actual replicas nearer to what is wished.

    Carried out, its actions leave nothing to plan until something happens or `next_due` comes.
    """
    by_unit: dict[str, list[Replica]] = {name: [] for name in wishes}
    for replica in _seen(actual, wishes):
        by_unit.setdefault(replica.unit, []).append(replica)
    wait = any(_comes_up(wish, by_unit[name]) for name, wish in wishes.items())
    actions: list[Action] = []
    for name, replicas in by_unit.items():
        wish = wishes.get(name, NOTHING)
        planned = _plan_unit(name, wish, replicas, now)
        if wait and not wish.first:
            planned = [action for action in planned if not isinstance(action, Create)]
        actions.extend(planned)
    return actions


def next_due(wishes: Mapping[str, Wish], actual: Iterable[Replica]) -> float | None:
    """Return the next moment at which time alone makes something to do, or None."""
    moments = [
        moment
        for replica in _seen(actual, wishes)
        for moment in (
            replica.retry_at,
            replica.deadline,
            replica.drains_until,
            sleeps_at(replica, wishes.get(replica.unit, NOTHING)),
        )
        if moment is not None
    ]
    return min(moments, default=None)


def sleeps_at(replica: Replica, wish: Wish) -> float | None:
    """Return when a replica will have been idle long enough to sleep, or None."""
    instance = replica.instance
    if replica.state is not State.RUNNING or replica.resting or instance is None:
        return None
    if instance.binds_itself or replica.generation != wish.generation:
        return None  # it could not be woken: no socket of ours, or no longer what is wished
    if instance.birth < wish.sleep_before:
        return wish.sleep_before
    if replica.worn is not None or not wish.idle_timeout:
        return None
    if instance.busy or instance.used_at is None:
        return None
    if not instance.sessions:
        return instance.used_at + wish.idle_timeout
    if not wish.idle_tab_timeout:
        return None
    return instance.used_at + wish.idle_tab_timeout + wish.idle_timeout


def idlest(wishes: Mapping[str, Wish], actual: Iterable[Replica], now: float) -> int | None:
    """Return the number of the replica whose sleep costs nobody most, where memory is short.

    It is the one that was used longest ago, of those that may sleep and that nobody uses now.
    """
    idle = [
        (replica.instance.used_at, replica.number)
        for replica in _seen(actual, wishes)
        if sleeps_at(replica, wishes.get(replica.unit, NOTHING)) is not None
        and replica.instance is not None
        and replica.instance.used_at is not None
        and not replica.instance.sessions
        and now - replica.instance.used_at >= IDLE_ENOUGH
    ]
    return min(idle, default=(0.0, None))[1]


def _seen(actual: Iterable[Replica], wishes: Mapping[str, Wish]) -> list[Replica]:
    together = {name: wish.generation for name, wish in wishes.items() if wish.together}
    return in_company(actual, together)


def _comes_up(wish: Wish, replicas: list[Replica]) -> bool:
    """Tell whether the others should wait for a unit that is about to be there."""
    if not wish.first or not wish.replicas:
        return False
    return not replicas or any(
        each.state in {State.BUILDING, State.STARTING} and not each.crashes for each in replicas
    )


def _plan_unit(name: str, wish: Wish, replicas: list[Replica], now: float) -> list[Action]:
    if any(each.instance is not None and each.instance.keeps_socket for each in replicas):
        wish = replace(wish, overlap=False, drain_timeout=0)
    current = [each for each in replicas if _counts(each, wish)]
    current.sort(key=lambda each: (each.state is not State.RUNNING, each.state not in UP))
    surplus = current[wish.replicas :]
    current = current[: wish.replicas]
    missing = wish.replicas - len(current)
    replaced = not missing and all(each.state in UP for each in current)
    failed = not missing and all(each.state is State.FAILED for each in current)
    blocked = not wish.overlap and any(each.alive and each not in current for each in replicas)
    actions: list[Action] = []
    for replica in replicas:
        if replica in current:
            actions.extend(_keep(replica, now) or _rest(replica, wish, now))
        elif replica in surplus or replaced or not wish.overlap or _is_no_use(replica, failed):
            actions.extend(_end(replica, wish, now))
        else:
            # An older generation serves on until every new replica does, or for good where
            # the new one failed. One that outgrew its memory may be told to sleep meanwhile.
            actions.extend(_keep(replica, now) or _rest(replica, wish, now))
    if not blocked:
        actions.extend(Create(name, wish.generation) for _ in range(missing))
    # Last, so that a new replica has the port of an ended one before that is given up.
    return sorted(actions, key=lambda action: isinstance(action, Remove))


def _counts(replica: Replica, wish: Wish) -> bool:
    ending = replica.state in {State.DRAINING, State.STOPPED}
    return _is_wanted(replica, wish) and not ending


def _is_wanted(replica: Replica, wish: Wish) -> bool:
    return replica.generation == wish.generation and replica.worn is None


def _is_no_use(replica: Replica, failed: bool) -> bool:
    """Tell whether a replica that is to be replaced need not wait for that.

    Where its replacement has `failed`, one that crashed is tried again: there is no other.
    """
    if replica.visitable:
        return False
    return not failed or replica.state in {State.FAILED, State.DRAINING, State.STOPPED}


def _keep(replica: Replica, now: float) -> list[Action]:
    if replica.retry_at is not None and now >= replica.retry_at:
        return [Retry(replica.number)]
    return _overdue(replica, now)


def _rest(replica: Replica, wish: Wish, now: float) -> list[Action]:
    moment = sleeps_at(replica, wish)
    if moment is None or now < moment:
        return []
    assert replica.instance is not None
    return [Sleep(replica.number, at_once=replica.instance.birth < wish.sleep_before)]


def _end(replica: Replica, wish: Wish, now: float) -> list[Action]:
    """Return how a replica is ended: at once, or when nobody is with it, where others serve."""
    may_stay = wish.replicas and wish.drain_timeout
    if replica.state is State.STOPPED:
        return [Remove(replica.number)]
    if replica.state is State.RUNNING and may_stay:
        return [Drain(replica.number, now + wish.drain_timeout)]
    if replica.state is State.DRAINING:
        if replica.drains_until is None:
            return _overdue(replica, now)
        if may_stay and now < replica.drains_until:
            return []
    return [Stop(replica.number)]


def _overdue(replica: Replica, now: float) -> list[Action]:
    late = replica.deadline is not None and now >= replica.deadline
    return [Kill(replica.number)] if late else []

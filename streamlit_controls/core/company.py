"""Processes that share a socket sleep together: who comes there would wake any that slept alone."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.replica import Instance, Replica


def in_company(actual: Iterable[Replica], generations: Mapping[str, int]) -> list[Replica]:
    """Return replicas, those of each unit in `generations` as idle as the busiest among them.

    It counts who runs and is of that generation: others sleep already, or end.
    """
    replicas = list(actual)
    awake: dict[str, list[Instance]] = {}
    for each in replicas:
        if each.instance is not None and _is_awake(each, generations):
            awake.setdefault(each.unit, []).append(each.instance)
    return [
        _like(each, awake[each.unit]) if _is_awake(each, generations) else each for each in replicas
    ]


def _is_awake(replica: Replica, generations: Mapping[str, int]) -> bool:
    runs = replica.state is State.RUNNING and not replica.resting and replica.worn is None
    return runs and generations.get(replica.unit) == replica.generation


def _like(replica: Replica, company: list[Instance]) -> Replica:
    """Return a replica with the last use of its company; unknown, where one has not told yet."""
    assert replica.instance is not None
    told = [each.used_at for each in company if each.used_at is not None]
    used_at = max(told) if len(told) == len(company) else None
    busy = any(each.busy for each in company)
    return replace(replica, instance=replace(replica.instance, used_at=used_at, busy=busy))

"""All replicas there are, by number."""

from collections.abc import Callable

from streamlit_controls.core.lifecycle import Event, State
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.unit import Unit


class Roster:
    """Holds the replicas and answers what is asked about several of them."""

    def __init__(self) -> None:
        self._replicas: dict[int, Replica] = {}
        self._next_number = 1

    @property
    def all(self) -> tuple[Replica, ...]:
        """The replicas as they are now."""
        return tuple(self._replicas.values())

    def __getitem__(self, number: int) -> Replica:
        return self._replicas[number]

    def enter(self, unit: Unit, generation: int) -> Replica:
        """Add a replica that is to be started, on its unit's port where that can be."""
        taken = {each.port for each in self.all if each.unit == unit.name and _holds_port(each)}
        port = unit.port if unit.shares_socket or unit.port not in taken else 0
        replica = Replica(self._next_number, unit.name, generation, port).transition(Event.START)
        self.put(replica)
        return replica

    def put(self, replica: Replica) -> None:
        """Write down how a replica is now."""
        self._replicas[replica.number] = replica
        self._next_number = max(self._next_number, replica.number + 1)

    def strike(self, number: int) -> Replica:
        """Forget a replica; return how it was."""
        return self._replicas.pop(number)

    def matches(self, number: int, *states: State, at: str | None = None) -> bool:
        """Tell whether a replica is there, in one of these states, with this instance."""
        replica = self._replicas.get(number)
        if replica is None or (states and replica.state not in states):
            return False
        return at is None or (replica.instance is not None and replica.instance.id == at)

    def serves_before(self, replica: Replica) -> bool:
        """Tell whether an older generation of the replica's unit serves."""
        return self._any(
            lambda each: (
                each.unit == replica.unit
                and each.generation < replica.generation
                and each.state is State.RUNNING
            )
        )

    def needs_port(self, replica: Replica) -> bool:
        """Tell whether another replica lives on a replica's port."""
        return self._any(
            lambda each: (
                each.number != replica.number and each.port == replica.port and _holds_port(each)
            )
        )

    def _any(self, fits: Callable[[Replica], bool]) -> bool:
        return any(fits(each) for each in self._replicas.values())


def _holds_port(replica: Replica) -> bool:
    """Tell whether a replica serves on its port, or is going to."""
    return replica.state not in {State.FAILED, State.STOPPED}

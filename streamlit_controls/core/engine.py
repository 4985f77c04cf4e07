"""What starts and stops instances, wherever they run."""

from typing import Protocol

from streamlit_controls.core.events import Prepared
from streamlit_controls.core.replica import Instance, Replica
from streamlit_controls.core.unit import Unit


class Engine(Protocol):
    """Carries out what the reconciler decides; it answers with events, never by itself."""

    def prepare(self, replica: Replica, unit: Unit) -> None:
        """Find or build what the unit needs; then Prepared or Refused."""

    def launch(self, replica: Replica, unit: Unit, prepared: Prepared) -> Instance:
        """Start a process; then Ready, Reported, Unhealthy, Exited. Raises LaunchError."""

    def adopt(self, replica: Replica, unit: Unit) -> Replica | None:
        """Take over a process that another manager started; None where it is gone."""

    def rest(self, replica: Replica, unit: Unit) -> None:
        """Wait, in place of the process of a replica that sleeps, for a visitor; then Woken."""

    def nap(self, replica: Replica, *, at_once: bool) -> None:
        """Ask a process to end unless it was used since it last told; `at_once`, in any case."""

    def hold(self, replica: Replica, unit: Unit) -> None:
        """Have whoever comes to a replica that crashed wait for its next process."""

    def drain(self, replica: Replica) -> None:
        """Ask the replica's process to end as soon as nobody is with it any more."""

    def terminate(self, replica: Replica) -> None:
        """Ask the replica's process to end, once nobody is sent to it any more."""

    def kill(self, replica: Replica) -> None:
        """End the replica's process by force."""

    def release(self, port: int) -> None:
        """Stop listening on a port that no replica uses any more."""

    def forget(self, replica: Replica) -> None:
        """Give up preparing a replica."""

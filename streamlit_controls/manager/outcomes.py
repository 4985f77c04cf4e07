"""Whether what a command was for has come about, and what is wrong where it has not."""

from streamlit_controls.core.config import App
from streamlit_controls.core.errors import ControllerError
from streamlit_controls.core.lifecycle import SETTLED, State
from streamlit_controls.core.plan import Wish, sleeps_at
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.core.unit import GATEWAY, SITE, unit_name


def is_settled(snapshot: Snapshot, unit: str, wish: Wish | None) -> bool:
    """Tell whether a unit is as it is wished, or clearly cannot be."""
    if wish is None or not wish.replicas:
        return not snapshot.of(unit)
    if snapshot.wishes.get(unit) != wish:
        return False  # published before the wish was heard
    current = [each for each in snapshot.of(unit) if each.generation == wish.generation]
    return len(current) >= wish.replicas and all(each.state in SETTLED for each in current)


def refuse_to_sleep(app: App, snapshot: Snapshot, *, force: bool) -> None:
    """Raise where an app cannot sleep now, or should not.

    A process that was replaced, and stays for the sessions that it has, is not asked to.
    """
    replicas = [each for each in snapshot.of(unit_name(app.key)) if not _is_leaving(each)]
    if not replicas:
        raise ControllerError(f"{app.key} is stopped", "there is nothing to put to sleep")
    instances = [each.instance for each in replicas if each.instance]
    if any(instance.binds_itself for instance in instances):
        raise ControllerError(
            f"{app.key} cannot sleep: its Streamlit opens its port itself",
            "a release with st.App can",
        )
    wish = snapshot.wishes.get(unit_name(app.key))
    if wish and any(each.instance and each.generation < wish.generation for each in replicas):
        raise ControllerError(
            f"{app.key} serves in place of a version that does not work",
            "mend that, or restart it: once it sleeps, nobody could wake it as it is",
        )
    sessions = sum(instance.sessions or 0 for instance in instances)
    if sessions and not force:
        count = "1 session is" if sessions == 1 else f"{sessions} sessions are"
        raise ControllerError(f"{count} open in {app.key}", "--force ends them")


def will_sleep(replica: Replica, wish: Wish | None, moment: float) -> bool:
    """Tell whether a replica is still on its way to where it was sent at a moment."""
    if replica.state not in SETTLED:
        return not _is_leaving(replica)
    instance = replica.instance
    if replica.state is not State.RUNNING or instance is None or instance.birth >= moment:
        return False
    return replica.resting or (wish is not None and sleeps_at(replica, wish) is not None)


def failure(snapshot: Snapshot, units: list[str]) -> ControllerError | None:
    """Return what is not well among units, in one sentence, or None."""
    names = {SITE: "the site", GATEWAY: "the gateway"}
    wrong = {unit: error for unit in units if (error := snapshot.error(unit))}
    if not wrong:
        return None
    own = [f"{names[unit]} does not run: {wrong[unit]}" for unit in wrong if unit in names]
    apps = [unit for unit in wrong if unit not in names]
    if apps:
        own.append(f"{', '.join(apps)} {'is' if len(apps) == 1 else 'are'} not well")
    return ControllerError("; ".join(own), "the reasons are above; the logs have all of it")


def _is_leaving(replica: Replica) -> bool:
    return replica.state is State.DRAINING

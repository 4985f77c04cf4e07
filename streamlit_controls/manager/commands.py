"""What each verb of the control protocol does: changes wishes, then tells how it goes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from streamlit_controls.core import protocol
from streamlit_controls.core import snapshot as snapshots
from streamlit_controls.core.config import App
from streamlit_controls.core.errors import ConfigError, ControllerError, Leaving, ProtocolError
from streamlit_controls.core.lifecycle import SETTLED, State
from streamlit_controls.core.plan import Wish
from streamlit_controls.core.protocol import Message, Request
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.snapshot import Document, Measure, Snapshot
from streamlit_controls.core.unit import GATEWAY, SITE, unit_name
from streamlit_controls.manager.board import Board
from streamlit_controls.manager.desired import Desired
from streamlit_controls.manager.process import since_boot
from streamlit_controls.manager.progress import Progress

Messages = AsyncIterator[Message]

ARGUMENTS = {"start": {"app"}, "stop": {"app"}, "restart": {"app"}, "sleep": {"app", "force"}}
"""What a request may say beside its verb."""


class Commands:
    """Answers the verbs; it never touches a process, only what is desired."""

    def __init__(
        self,
        desired: Desired,
        board: Board,
        *,
        wished: Callable[[], None],
        routed: Callable[[], Awaitable[None]],
        shut_down: Callable[[], Awaitable[int]],
        about: Callable[[bool], Mapping[str, Any]],
        measure: Measure,
    ) -> None:
        self._desired = desired
        self._board = board
        self._wished = wished
        self._routed = routed
        self._shut_down = shut_down
        self._about = about
        self._measure = measure
        self._verbs: dict[str, Callable[[Request], Messages]] = {
            "status": self._status,
            "watch": self._watch,
            "start": self._start,
            "stop": self._stop,
            "restart": self._restart,
            "sleep": self._sleep,
            "refresh": self._refresh,
            "shutdown": self._shutdown,
        }

    def __call__(self, request: Request) -> Messages:
        """Return the answer to a request, message by message."""
        if self._desired.leaving and request.verb not in {"status", "watch", "shutdown"}:
            raise Leaving("everything is being stopped", "try again in a moment")
        verb = self._verbs.get(request.verb)
        if verb is None:
            known = ", ".join(sorted(self._verbs))
            raise ProtocolError(f"verb: there is no {request.verb!r}", f"there is: {known}")
        unknown = sorted(set(request.args) - ARGUMENTS.get(request.verb, set()))
        if unknown:
            raise ProtocolError(f"args.{unknown[0]}: unknown key")
        return verb(request)

    async def _status(self, _: Request) -> Messages:
        document = snapshots.document(self._board.snapshot, self._about(True), self._measure)
        yield protocol.reply(document)

    async def _watch(self, _: Request) -> Messages:
        async for snapshot in self._board.changes():
            yield protocol.snapshot(snapshots.document(snapshot, self._about(False)))

    async def _start(self, request: Request) -> Messages:
        key = request.app()
        if key is None:
            own = [SITE, GATEWAY]
            self._desired.renew_own([unit for unit in own if self._has_failed(unit)])
            self._wished()
            async for message in self._follow(list(self._keys()), own):
                yield message
            return
        app, known = self._desired.app(key), self._board.snapshot
        if self._desired.is_stopped(app):
            self._desired.start(app)
        elif self._has_failed(*self._units([key])):
            self._desired.renew(app)
        self._wished()
        async for message in self._follow([key], known=known, wanted=app):
            yield message

    async def _stop(self, request: Request) -> Messages:
        app, progress = self._desired.app(request.app()), Progress(self._board.snapshot)
        self._desired.stop(app)
        self._wished()
        units = self._units([app.key])
        async for snapshot in self._board.changes():
            for message in progress.of(snapshot, units):
                yield message
            if not any(snapshot.of(unit) for unit in units):
                break
            if not self._desired.is_stopped(app):
                raise ControllerError(f"{app.key} was started again meanwhile")
        yield protocol.reply(snapshots.outcome(self._board.snapshot, [app.key]))

    async def _restart(self, request: Request) -> Messages:
        app, known = self._desired.app(request.app()), self._board.snapshot
        self._desired.renew(app)
        self._wished()
        async for message in self._follow([app.key], known=known, wanted=app):
            yield message

    async def _sleep(self, request: Request) -> Messages:
        app, known = self._desired.app(request.app()), self._board.snapshot
        units = [self._desired.units[name] for name in self._units([app.key])]
        _refuse_to_sleep(app, known, force=request.args.get("force") is True)
        progress, moment = Progress(known), since_boot()
        self._desired.sleep(app, moment)
        self._wished()
        able = [unit.name for unit in units if unit.can_sleep]
        async for snapshot in self._board.changes():
            for message in progress.of(snapshot, able):
                yield message
            replicas = [each for name in able for each in snapshot.of(name)]
            if not any(_will_sleep(each, moment) for each in replicas):
                break
        result = snapshots.outcome(self._board.snapshot, [app.key])
        error = self._crossed(app) or _failure(snapshot, able)
        yield protocol.failure(error, result) if error else protocol.reply(result)

    async def _refresh(self, _: Request) -> Messages:
        known = self._board.snapshot
        failed = [
            app for app in self._desired.config.apps if self._has_failed(*self._units([app.key]))
        ]
        own = [unit for unit in (SITE, GATEWAY) if self._has_failed(unit)]
        try:
            changes = self._desired.refresh()
        except ConfigError:
            self._wished()
            raise
        for app in failed:
            if app.key in self._keys() and app.key not in changes.changed:
                self._desired.renew(app)
        self._desired.renew_own(own)
        self._wished()
        keys = {*changes.added, *changes.changed, *(app.key for app in failed)}
        found = {**asdict(changes), "problems": [asdict(each) for each in self._desired.problems]}
        wanted = [key for key in self._keys() if key in keys]
        async for message in self._follow(wanted, [SITE, GATEWAY], found, known):
            yield message

    async def _shutdown(self, _: Request) -> Messages:
        yield protocol.reply({"stopped": await self._shut_down()})

    async def _follow(
        self,
        keys: list[str],
        own: list[str] | None = None,
        found: Document | None = None,
        known: Snapshot | None = None,
        wanted: App | None = None,
    ) -> Messages:
        """Tell what becomes of apps until nothing more does; end with how they are.

        `own` are units of ours to wait for too, `found` goes into the result, and what was so in
        the snapshot `known` is no news. `wanted` is an app that should run then.
        """
        units = [*(own or []), *self._units(keys)]
        progress = Progress(known)
        async for snapshot in self._board.changes():
            for message in progress.of(snapshot, units):
                yield message
            if snapshot.config is self._desired.config and self._are_settled(snapshot, units):
                break
        await self._routed()
        result = snapshots.outcome(snapshot, keys) | (found or {})
        error = self._crossed(wanted) or _failure(snapshot, units)
        yield protocol.failure(error, result) if error else protocol.reply(result)

    def _crossed(self, wanted: App | None) -> ControllerError | None:
        """Return what came between, if another command undid what this one was for."""
        if self._desired.leaving:
            return Leaving("everything is being stopped")
        if wanted is not None and self._desired.is_stopped(wanted):
            return ControllerError(f"{wanted.key} was stopped meanwhile")
        return None

    def _are_settled(self, snapshot: Snapshot, units: list[str]) -> bool:
        wishes = self._desired.wishes()
        return all(_is_settled(snapshot, unit, wishes.get(unit)) for unit in units)

    def _has_failed(self, *units: str) -> bool:
        """Tell whether a replica has given up, be it that an older one serves in its place."""
        replicas = [each for unit in units for each in self._board.snapshot.of(unit)]
        return any(each.state is State.FAILED for each in replicas)

    def _keys(self) -> list[str]:
        return [app.key for app in self._desired.config.apps]

    def _units(self, keys: list[str]) -> list[str]:
        return [unit.name for unit in self._desired.units.values() if unit.app in keys]


def _is_settled(snapshot: Snapshot, unit: str, wish: Wish | None) -> bool:
    """Tell whether a unit is as it is wished, or clearly cannot be."""
    if wish is None or not wish.replicas:
        return not snapshot.of(unit)
    if snapshot.wishes.get(unit) != wish:
        return False  # published before the wish was heard
    current = [each for each in snapshot.of(unit) if each.generation == wish.generation]
    return len(current) >= wish.replicas and all(each.state in SETTLED for each in current)


def _refuse_to_sleep(app: App, snapshot: Snapshot, *, force: bool) -> None:
    """Raise where an app cannot sleep now, or should not."""
    replicas = snapshot.of(unit_name(app.key))
    if not replicas:
        raise ControllerError(f"{app.key} is stopped", "there is nothing to put to sleep")
    instances = [each.instance for each in replicas if each.instance]
    if any(instance.binds_itself for instance in instances):
        raise ControllerError(
            f"{app.key} cannot sleep: its Streamlit opens its port itself",
            "a release with st.App can",
        )
    sessions = sum(instance.sessions or 0 for instance in instances)
    if sessions and not force:
        count = "1 session is" if sessions == 1 else f"{sessions} sessions are"
        raise ControllerError(f"{count} open in {app.key}", "--force ends them")


def _will_sleep(replica: Replica, moment: float) -> bool:
    """Tell whether a replica is still on its way to where it was sent at a moment."""
    if replica.state not in SETTLED:
        return True
    instance = replica.instance
    return replica.state is State.RUNNING and instance is not None and instance.birth < moment


def _failure(snapshot: Snapshot, units: list[str]) -> ControllerError | None:
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

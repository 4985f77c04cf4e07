"""What each verb of the control protocol does: changes wishes, then tells how it goes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from streamlit_controls.core import protocol
from streamlit_controls.core import snapshot as snapshots
from streamlit_controls.core.config import App
from streamlit_controls.core.errors import ConfigError, ControllerError, Leaving, ProtocolError
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.protocol import Message, Request
from streamlit_controls.core.snapshot import Document, Measure, Snapshot
from streamlit_controls.core.unit import GATEWAY, SITE
from streamlit_controls.manager import outcomes
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
        make_way: Callable[[], Messages],
        about: Callable[[bool], Mapping[str, Any]],
        measure: Measure,
    ) -> None:
        self._desired = desired
        self._board = board
        self._wished = wished
        self._routed = routed
        self._shut_down = shut_down
        self._make_way = make_way
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
            "reload": self._reload,
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
        outcomes.refuse_to_sleep(app, known, force=request.args.get("force") is True)
        progress, moment = Progress(known), since_boot()
        self._desired.sleep(app, moment)
        self._wished()
        able = [unit.name for unit in units if unit.can_sleep]
        async for snapshot in self._board.changes():
            for message in progress.of(snapshot, able):
                yield message
            replicas = [each for name in able for each in snapshot.of(name)]
            wishes = self._desired.wishes()
            if snapshot.wishes == wishes and not any(
                outcomes.will_sleep(each, wishes.get(each.unit), moment) for each in replicas
            ):
                break
        result = snapshots.outcome(self._board.snapshot, [app.key])
        error = self._crossed(app) or outcomes.failure(snapshot, able)
        yield protocol.failure(error, result) if error else protocol.reply(result)

    async def _refresh(self, _: Request) -> Messages:
        known, apps = self._board.snapshot, self._desired.config.apps
        failed = [app for app in apps if self._has_failed(*self._units([app.key]))]
        # Being tried already, say, since its files were mended: how that ends is told, too.
        on_their_way = [app for app in apps if not self._are_settled(known, self._units([app.key]))]
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
        keys = {*changes.added, *changes.changed, *(app.key for app in (*failed, *on_their_way))}
        found = {**asdict(changes), "problems": [asdict(each) for each in self._desired.problems]}
        wanted = [key for key in self._keys() if key in keys]
        async for message in self._follow(wanted, [SITE, GATEWAY], found, known):
            yield message

    def _reload(self, _: Request) -> Messages:
        return self._make_way()

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
            if snapshot.config == self._desired.config and self._are_settled(snapshot, units):
                break
        await self._routed()
        result = snapshots.outcome(snapshot, keys) | (found or {})
        error = self._crossed(wanted) or outcomes.failure(snapshot, units)
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
        return all(outcomes.is_settled(snapshot, unit, wishes.get(unit)) for unit in units)

    def _has_failed(self, *units: str) -> bool:
        """Tell whether a replica has given up, be it that an older one serves in its place."""
        replicas = [each for unit in units for each in self._board.snapshot.of(unit)]
        return any(each.state is State.FAILED for each in replicas)

    def _keys(self) -> list[str]:
        return [app.key for app in self._desired.config.apps]

    def _units(self, keys: list[str]) -> list[str]:
        return [unit.name for unit in self._desired.units.values() if unit.app in keys]

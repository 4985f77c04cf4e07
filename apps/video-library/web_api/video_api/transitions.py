"""The steps of a video's life as conditional changes of its row, the same for each driver."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Any

from video_api.video import HELD, Facts, Lease, Status, before


class Transitions(ABC):
    """Each returns whether the row was as it must be for this; else nothing is changed."""

    @abstractmethod
    async def _changed(
        self, video_id: str, sets: dict[str, Any], when: Collection[Status], holder: str | None
    ) -> bool:
        """Set these columns of a row in one of these states; of a holder only, if one is given."""

    async def renew(self, video_id: str, lease: Lease, received: int) -> bool:
        sets = {"lease_until": lease.until, "received": received}
        return await self._changed(video_id, sets, HELD, lease.holder)

    async def release(self, video_id: str, holder: str, until: float | None) -> bool:
        sets = {"lease_until": 0.0, "holder": None} if until is None else {"lease_until": until}
        return await self._changed(video_id, sets, set(Status), holder)

    async def received(self, video_id: str, holder: str, size: int) -> bool:
        sets = {"status": Status.PROCESSING, "size": size, "received": size}
        return await self._changed(video_id, sets, before(Status.PROCESSING), holder)

    async def ready(self, video_id: str, holder: str, facts: Facts) -> bool:
        sets = {"status": Status.READY, "holder": None, "lease_until": 0.0, **vars(facts)}
        return await self._changed(video_id, sets, before(Status.READY), holder)

    async def failed(self, video_id: str, holder: str, error: str) -> bool:
        sets = {"status": Status.FAILED, "error": error}
        return await self._changed(video_id, sets, before(Status.FAILED), holder)

    async def deleting(
        self, video_id: str, when: Collection[Status], lease: Lease | None, holder: str | None
    ) -> bool:
        sets: dict[str, Any] = {"status": Status.DELETING}
        if lease:
            sets |= {"holder": lease.holder, "lease_until": lease.until}
        return await self._changed(video_id, sets, before(Status.DELETING) & set(when), holder)

"""The routes that change something, or show what was deleted: only for who has the token."""

from collections.abc import Callable

from fastapi import APIRouter, Depends

import media_schema as schema
from bearer import bearer
from media_item import MediaItem, TrashedItem
from media_service import SourceSummary
from route_answers import deleted_answer, failures
from route_parameters import FileName, SourceName, TrashId
from service_holder import ServiceHolder


def change_routes(held: ServiceHolder, token: Callable[[], str]) -> APIRouter:
    routes = APIRouter(
        tags=["changes"], dependencies=[Depends(bearer(token))], responses=failures(401, 503)
    )

    @routes.post(
        "/favourite/{source}/{file}", response_model=schema.Item, responses=failures(404, 422)
    )
    def favourite(source: SourceName, file: FileName) -> MediaItem:
        """Mark an item as a favourite, whether or not it is one already."""
        return held.service.favourite(source, file)

    @routes.delete(
        "/favourite/{source}/{file}", response_model=schema.Item, responses=failures(404, 422)
    )
    def unfavourite(source: SourceName, file: FileName) -> MediaItem:
        """Take the mark of a favourite away, whether or not there is one."""
        return held.service.unfavourite(source, file)

    @routes.delete(
        "/media/{source}/{file}",
        response_model=schema.Trashed,
        responses=deleted_answer() | failures(403, 404, 409, 422),
    )
    def delete(source: SourceName, file: FileName) -> TrashedItem:
        """Move a file into the trash of its source, where nobody sees it without the token."""
        return held.service.delete(source, file)

    @routes.get(
        "/trash/{source}", response_model=schema.Trash, responses=failures(403, 404, 409, 422)
    )
    def trash(source: SourceName) -> dict[str, tuple[TrashedItem, ...]]:
        """What was deleted and can be restored, the latest first."""
        return {"items": held.service.trash(source)}

    @routes.post(
        "/trash/{source}/{trash_id}",
        response_model=schema.Item,
        responses=failures(403, 404, 409, 422),
    )
    def restore(source: SourceName, trash_id: TrashId) -> MediaItem:
        """Move a deleted file back; nothing is overwritten if there is one of its name again."""
        return held.service.restore(source, trash_id)

    @routes.delete("/trash/{source}", responses=failures(403, 404, 409, 422))
    def empty_trash(source: SourceName) -> schema.Emptied:
        """Remove for good what the trash of a source has."""
        return schema.Emptied(removed=held.service.empty_trash(source))

    @routes.post("/reload", response_model=schema.Sources, responses=failures(409))
    def reload() -> dict[str, tuple[SourceSummary, ...]]:
        """Read media_service.toml anew; one that cannot be used changes nothing."""
        return {"sources": held.reload().service.sources()}

    return routes

"""What the routes of the media server take from a path and a query."""

from typing import Annotated

from fastapi import Depends, Path, Query

from media_config import MAX_NAME_LENGTH
from media_listing import MediaQuery

SourceName = Annotated[
    str, Path(max_length=MAX_NAME_LENGTH, description="A name of /media_sources.")
]
FileName = Annotated[
    str,
    Path(max_length=MAX_NAME_LENGTH, description="A name of /media_list, percent-encoded."),
]
TrashId = Annotated[str, Path(pattern="^[0-9a-f]{16}-[0-9a-f]{8}$", description="An id of /trash.")]
Version = Annotated[str, Query(description="The item's version: the answer may be kept for ever.")]


def media_query(
    filter_string: Annotated[
        str, Query(max_length=200, description="Part of a name, in any case. Empty: everything.")
    ] = "",
    sort_flag: Annotated[bool, Query(description="Sort, or leave the source's own order.")] = True,
    sort_by_date_flag: Annotated[bool, Query(description="Sort by date, else by name.")] = True,
    ascending: Annotated[bool, Query(description="Oldest (or A) first.")] = False,
    favourites_flag: Annotated[bool, Query(description="Only favourites.")] = False,
) -> MediaQuery:
    return MediaQuery(filter_string, sort_flag, sort_by_date_flag, ascending, favourites_flag)


Listing = Annotated[MediaQuery, Depends(media_query)]

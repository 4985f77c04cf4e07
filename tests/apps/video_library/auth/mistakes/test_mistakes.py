"""No known mistake is made here; and each check finds its mistake where it is made."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.apps.video_library.auth.mistakes.checks import CHECKS
from tests.apps.video_library.auth.mistakes.naive import naive
from tests.apps.video_library.auth.mistakes.ours import over_mongodb, over_sqlite
from tests.apps.video_library.auth.mistakes.subject import Subject
from tests.support.asynchronous import bounded

Check = Callable[[Subject], Awaitable[None]]
all_checks = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)


@all_checks
@bounded
async def test_it_is_not_made_with_sqlite(check: Check, sqlite_file: Path) -> None:
    async with over_sqlite(sqlite_file) as subject:
        await check(subject)


@all_checks
@bounded
async def test_it_is_not_made_with_mongodb(check: Check, mongodb_uri: str) -> None:
    async with over_mongodb(mongodb_uri) as subject:
        await check(subject)


@all_checks
@bounded
async def test_it_is_found_where_it_is_made(check: Check) -> None:
    with pytest.raises(AssertionError):
        await check(naive())

"""What an account may have: decided from what it has, by whoever reads and writes that at once."""

from collections.abc import Collection

from video_api.storage import QuotaExceeded, TooManyUploads, TooManyVideos
from video_api.video import Limits, Status, Video, used_by


def check(having: Collection[Video], wanted: Video, limits: Limits, now: float) -> None:
    """Raise where an account that has these may not have one more."""
    uploads = [each for each in having if each.status is Status.UPLOADING]
    if sum(each.lease_until >= now for each in uploads) >= limits.at_once:
        raise TooManyUploads
    if len(having) >= limits.videos:
        raise TooManyVideos
    if used_by(having, now) + wanted.size > limits.quota:
        raise QuotaExceeded


def granted(others: Collection[Video], at_least: int, wanted: int, quota: int, now: float) -> int:
    """Return the bytes that one may have beside the others; raise QuotaExceeded if too few."""
    left = quota - used_by(others, now)
    if at_least > left:
        raise QuotaExceeded
    return min(wanted, left)

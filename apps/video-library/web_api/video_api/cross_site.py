"""Whether a request that changes something may come from a page of another site.

As in OWASP's Cross-Site Request Forgery Prevention Cheat Sheet and Go's CrossOriginProtection:
browsers tell where a request comes from by Sec-Fetch-Site, older ones by Origin, and pages can
change neither. Programs that are no browsers send none of the two.
"""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = ("same-origin", "none")


def is_cross_site(method: str, headers: Mapping[str, str], trusted: Collection[str]) -> bool:
    """Tell whether to refuse a request; `trusted` are the origins of pages that may ask."""
    origin = headers.get("origin")
    if method in SAFE_METHODS or origin in trusted:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in OWN
    return origin is not None and not _is_own(origin, headers.get("host", ""))


def _is_own(origin: str, host: str) -> bool:
    """Tell whether an origin is the host that was asked: http or https, that is the proxy's."""
    try:
        parsed = urlsplit(origin)
    except ValueError:
        return False
    return parsed.scheme in ("http", "https") and bool(host) and parsed.netloc == host.lower()

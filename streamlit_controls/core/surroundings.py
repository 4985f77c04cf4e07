"""Which variables of the manager's own environment the programs that it starts get to see."""

from collections.abc import Iterable, Mapping

from streamlit_controls.core.unit import READ_AT_START

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")

NEEDED = (
    # Where programs are, in which language and time they speak, for whom they run.
    *("PATH", "LANG", "LANGUAGE", "LC_*", "TZ", "TZDIR", "USER", "LOGNAME", "TMPDIR"),
    # How to get out of this network, and whom to trust there.
    *(*_PROXIES, *(name.lower() for name in _PROXIES)),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"),
    # How libraries are found, how they use memory, and how many threads and which devices.
    *("LD_LIBRARY_PATH", "LD_PRELOAD", "GLIBC_TUNABLES", "MALLOC_*"),
    *("CUDA_*", "NVIDIA_*", "OMP_*", "MKL_*", "OPENBLAS_*", "NUMEXPR_*"),
    # The operator's options for all Streamlit apps.
    "STREAMLIT_*",
)
"""What any program needs: names, or how they begin and an asterisk; none is a place for secrets."""

OF_OUR_OWN = ("HOME",)
"""What our own programs get besides: the account's home."""

OF_GATEWAY = (*OF_OUR_OWN, "GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT")
"""What the gateway gets besides: how its language's runtime is to use the machine."""

NEVER = frozenset({"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONSAFEPATH"})
"""Variables of the manager's own process that mean nothing, or harm, in another's."""

OURS = "STREAMLIT_CONTROLLER"
"""How the names of our own variables begin: what they tell is told anew to each process."""


def chosen(inherited: Mapping[str, str], *patterns: Iterable[str]) -> dict[str, str]:
    """Return the variables that fit one of the patterns."""
    all_patterns = [pattern for each in patterns for pattern in each]
    return {
        name: value
        for name, value in inherited.items()
        if name not in NEVER
        and not name.startswith(OURS)
        and any(_fits(name, pattern) for pattern in all_patterns)
    }


def chosen_at_start(inherited: Mapping[str, str], passed: Iterable[str]) -> dict[str, str]:
    """Return what a zygote gets: of what is passed to apps, only what they would have too late."""
    found = chosen(inherited, passed)
    early = {name: value for name, value in found.items() if name.startswith(READ_AT_START)}
    return chosen(inherited, NEEDED) | early


def _fits(name: str, pattern: str) -> bool:
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1])
    return name == pattern

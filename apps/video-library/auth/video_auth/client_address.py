"""Who asks, as far as limits can tell people apart."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


def network_of(address: str | None) -> str:
    """Return an IPv4 address as it is, and of an IPv6 one the /64, which one household has."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), 64), strict=False))

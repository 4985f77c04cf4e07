"""What the gateway takes no part in: who speaks in another's name, comes by a strange name, or
sends another site's pages.
"""

import ipaddress
from typing import Any

from streamlit_controls.core.app_routes import ending, subroute
from streamlit_controls.core.config import Config

Json = dict[str, Any]

LIMITS: Json = {
    "read_header_timeout": "10s",
    "idle_timeout": "2m",
    "max_header_bytes": 64 * 1024,
}
"""What one connection may take. How long a body takes is not limited: uploads may be slow."""

DISGUISES = (
    # Where a request comes from and what it asked for. For, Host and Proto are set anew later on.
    *("X-Forwarded-*", "Forwarded", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip"),
    *("Cf-Connecting-Ip", "X-Original-Url", "X-Original-Uri", "X-Rewrite-Url"),
    # Who is asking: what proxies that let people log in tell the apps behind them.
    *("*Remote-*", "*Authenti*", "X-Webauth-*", "X-Pomerium-*", "X-Vouch-*", "X-Token-*", "X-Ms-*"),
    *("X-User", "X-Username", "X-Userinfo", "X-Email", "X-Groups", "X-Auth-Request-*"),
    *("X-Auth-User", "X-Auth-Username", "X-Auth-Userid", "X-Auth-Subject", "X-Auth-Email"),
    *("X-Auth-Groups", "X-Auth-Roles", "X-Amzn-Oidc-Identity", "X-Streamlit-User"),
    *("Tailscale-User-Login", "Tailscale-User-Name", "Tailscale-App-Capabilities"),
    # The same, signed; not every app looks at the signature.
    *("Cf-Access-Jwt-Assertion", "X-Goog-Iap-Jwt-Assertion"),
    *("X-Amzn-Oidc-Data", "X-Amzn-Oidc-Accesstoken"),
    # Whose certificate was checked.
    *("*Ssl-Client-*", "*Clientcert*", "X-Client-Cert", "X-Client-Verify", "X-Client-Dn"),
    *("Client-Cert", "Client-Cert-Chain"),
    # What CGI takes for a variable of its own.
    "Proxy",
)
"""Headers that apps believe, since in other places a proxy sets them; a `*` is any text.

It has only what is widely believed, for a reason: to look for a header takes every request 0.3
microseconds, for one with a `*` 1.4, for all of these 26. Caddy itself drops names with an
underscore, which CGI and WSGI take for a dash.
"""

STRANGER = """421: this site does not go by the name {http.request.host}.

If it should, add the name to allowed_hosts in config.json, beside those that are there:

    "allowed_hosts": ["{http.request.host}"]
"""

FOREIGN = """403: a page of {http.request.header.Origin} may not connect to {http.request.hostport}.

If that page is this site's own, then a proxy in front of it changes the Host header. Have the proxy
pass that header on; or name the proxy in trusted_proxies in config.json and have it send
X-Forwarded-Host.
"""

TUNNEL = "405: this is a web site, and no proxy to other hosts.\n"

_HOST = (
    "({http.request.header.X-Forwarded-Host} != '' ? {http.request.header.X-Forwarded-Host}"
    " : {http.request.hostport}).lowerAscii()"
)

_IS_OWN = f"""
cel.bind(origin, {{http.request.header.Origin}}.lowerAscii(), cel.bind(host, {_HOST},
origin in ['https://' + host, 'https://' + host + ':443'] || origin + ':443' == 'https://' + host
|| !('https' in [{{http.request.scheme}}, {{http.request.header.X-Forwarded-Proto}}])
&& (origin in ['http://' + host, 'http://' + host + ':80'] || origin + ':80' == 'http://' + host)))
"""
"""Whether a page comes from where it connects to. Browsers leave a scheme's own port out.

Where the request is not encrypted, a proxy may have ended that before, so that either scheme will
do; a page over http has no business with a site over https.
"""


def names(config: Config) -> list[Json]:
    """Return the route of requests by names that are none of the site's, unless it goes by any.

    A page elsewhere can have a name of its own lead to this machine, and would then count as the
    same site. It cannot do that to an address.
    """
    said = config.allowed_hosts
    if "*" in (said or ()) or (said is None and not _is_loopback(config.host)):
        return []
    own = ["localhost", "*.localhost", *([config.domain.lower()] if config.domain else [])]
    known = "|".join(_pattern(name) for name in dict.fromkeys([*own, *(said or ())]))
    addresses = r"\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]"
    pattern = rf"(?i)^(?:{addresses}|(?:{known})\.?)(?::\d*)?$"
    # Programs may name nobody, as HTTP/1.0 has it; browsers always do.
    nobody = {"vars": {"{http.request.host}": [""]}}
    strange = {"not": [{"header_regexp": {"Host": {"pattern": pattern}}}, nobody]}
    return [ending({"match": [strange], "handle": [_refusal(421, STRANGER)]})]


def disguises(config: Config) -> list[Json]:
    """Return the routes that take away what only a trusted proxy may say."""
    delete = {"handler": "headers", "request": {"delete": list(DISGUISES)}}
    if not config.trusted_proxies:
        return [{"handle": [delete]}]
    proxies = {"remote_ip": {"ranges": list(config.trusted_proxies)}}
    visitor = {"X-Forwarded-For": ["{http.vars.client_ip}"]}
    return [
        {"match": [{"not": [proxies]}], "handle": [delete]},
        # Some apps believe the first address of the list, and the visitor may have sent that.
        {
            "match": [proxies | {"header": {"X-Forwarded-For": []}}],
            "handle": [{"handler": "headers", "request": {"set": visitor}}],
        },
    ]


def upgrades() -> Json:
    """Return the route of connections that would go on as something else: websockets, of programs
    and of the site's own pages.

    A browser lets any page connect anywhere and sends the site's cookies along. Programs are no
    browsers, and name no page.
    """
    foreign = {"header": {"Origin": []}, "not": [{"expression": _IS_OWN}]}
    # Over HTTP/2, CONNECT opens a websocket; it has a path then, and is no way to other hosts.
    tunnel = {"vars": {"{http.request.uri.path}": [""]}}
    # What is said by HTTP/2 in the clear, say, would pass the gateway unseen.
    unseen = {"expression": "{http.request.header.Upgrade}.lowerAscii() != 'websocket'"}
    stay = {"handler": "headers", "request": {"delete": ["Upgrade"]}}
    found = subroute(
        ending({"match": [foreign], "handle": [_refusal(403, FOREIGN)]}),
        ending({"match": [tunnel], "handle": [_refusal(405, TUNNEL)]}),
        {"match": [unseen], "handle": [stay]},
    )
    return {"match": [{"header": {"Upgrade": []}}, {"method": ["CONNECT"]}], "handle": [found]}


def server(config: Config) -> Json:
    """Return what the whole server is told: its limits, and whom to trust."""
    found = dict(LIMITS)
    if config.trusted_proxies:
        found["trusted_proxies"] = {"source": "static", "ranges": list(config.trusted_proxies)}
        # Read from the right: what stands left of the first stranger, that stranger may have sent.
        found["trusted_proxies_strict"] = 1
    return found


def _pattern(name: str) -> str:
    wild = name.startswith("*.")
    escaped = name.removeprefix("*.").replace(".", r"\.")
    return rf"(?:[a-z0-9_-]+\.)+{escaped}" if wild else escaped


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _refusal(status: int, text: str) -> Json:
    headers = {
        "Content-Type": ["text/plain; charset=utf-8"],
        "X-Content-Type-Options": ["nosniff"],
        "Cache-Control": ["no-store"],
    }
    return {"handler": "static_response", "status_code": status, "headers": headers, "body": text}

"""What the gateway is told to refuse; that it does is for test_gateway_guards.py to see."""

import fnmatch
import re
from typing import Any

import pytest

from streamlit_controls.core import guard_routes, routes
from tests.support.samples import config, snapshot

Json = dict[str, Any]

MINE = {"allowed_hosts": ["apps.example.com", "*.Example.org"]}
EVERYWHERE = {"host": "0.0.0.0"}
DOMAIN = {"domain": "Apps.Example.com"}


def is_known(host: str, document: Json) -> bool:
    found = guard_routes.names(config(document))
    if not found:
        return True
    pattern = found[0]["match"][0]["not"][0]["header_regexp"]["Host"]["pattern"]
    return re.search(pattern, host) is not None


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.0.0.1:5000", "10.1.2.3:80", "[::1]", "[::1]:5000", "[fe80::1.2.3.4]"),
        *("localhost", "localhost:5000", "LocalHost.", "localhost.:5000", "a.b.localhost:5000"),
    ],
)
@pytest.mark.parametrize("document", [{}, MINE, EVERYWHERE, DOMAIN, {"allowed_hosts": []}])
def test_addresses_and_this_machine_s_own_name_are_always_known(host: str, document: Json) -> None:
    assert is_known(host, document)


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:5000", "localhost.evil.example", "evillocalhost"),
        *("127.0.0.1.evil.example", "1.2.3", "*", "a,localhost", "localhost:5000.evil.example"),
        *("[::1].evil.example", "localhost@evil.example", ".localhost", "127.0.0.1\nevil"),
    ],
)
@pytest.mark.parametrize("document", [{}, {"host": "::1"}, {"host": "localhost"}, MINE, DOMAIN])
def test_others_are_not(host: str, document: Json) -> None:
    assert not is_known(host, document)


@pytest.mark.parametrize(
    ("host", "document", "known"),
    [
        ("apps.example.com", MINE, True),
        ("APPS.example.com.:443", MINE, True),
        ("appsXexample.com", MINE, False),
        ("x.apps.example.com", MINE, False),
        ("a.b.example.org:5000", MINE, True),
        ("example.org", MINE, False),
        ("apps.example.com", DOMAIN, True),
        ("apps.example.com", DOMAIN | {"allowed_hosts": ["other.example"]}, True),
        ("other.example", DOMAIN | {"allowed_hosts": ["other.example"]}, True),
        ("any.example", {"allowed_hosts": ["*"]}, True),
        ("any.example", EVERYWHERE, True),
        ("any.example", EVERYWHERE | MINE, False),
        ("any.example", {"host": "127.0.0.2"}, False),
        ("any.example", {"host": "box.example"}, True),
    ],
)
def test_what_the_configuration_says(host: str, document: Json, known: bool) -> None:
    assert is_known(host, document) is known


@pytest.mark.parametrize(
    "name",
    [
        *("X-Forwarded-User", "X-Forwarded-For", "X-Forwarded-Prefix", "Forwarded", "X-Real-IP"),
        *("Remote-User", "X-Remote-Groups", "X-Auth-Request-Email", "X-Authentik-Username"),
        *("X-Authenticated-User", "X-WebAuth-User", "X-MS-CLIENT-PRINCIPAL-NAME"),
        *("X-SSL-Client-Verify", "X-Original-URL", "X-Rewrite-URL", "Proxy"),
        # oauth2-proxy, also with nginx's auth_request or Traefik's forward auth
        *("X-Forwarded-Email", "X-Forwarded-Preferred-Username", "X-Forwarded-Access-Token"),
        *("X-Auth-Request-User", "X-Auth-Request-Groups", "X-User", "X-Email"),
        # Authelia, Authentik, Pomerium, Vouch
        *("Remote-Name", "Remote-Email", "X-authentik-groups", "X-authentik-jwt"),
        *("X-Pomerium-Jwt-Assertion", "X-Pomerium-Claim-Email", "X-Pomerium-Claim-Groups"),
        *("X-Vouch-User", "X-Vouch-IdP-Claims-Groups", "X-Vouch-IdP-AccessToken"),
        # Caddy's plugin, Keycloak's proxy, what Grafana and OliveTin expect
        *("X-Token-Subject", "X-Token-User-Name", "X-Token-User-Email", "X-Token-User-Roles"),
        *("X-Auth-User", "X-Auth-Username", "X-Auth-Userid", "X-Auth-Email", "X-Auth-Subject"),
        *("X-Auth-Groups", "X-Auth-Roles", "X-Userinfo", "X-Groups", "X-Username"),
        *("X-WEBAUTH-EMAIL", "X-WEBAUTH-ROLE", "X-WEBAUTH-GROUPS"),
        # Cloudflare Access, Google's IAP, Amazon's load balancer, Azure's App Service, Tailscale
        *("Cf-Access-Authenticated-User-Email", "Cf-Access-Jwt-Assertion", "Cf-Connecting-IP"),
        *("X-Goog-Authenticated-User-Email", "X-Goog-Authenticated-User-Id"),
        *("X-Goog-IAP-JWT-Assertion", "X-Amzn-Oidc-Data", "X-Amzn-Oidc-Identity"),
        *("X-Amzn-Oidc-Accesstoken", "X-MS-CLIENT-PRINCIPAL", "X-MS-CLIENT-PRINCIPAL-ID"),
        *("X-MS-CLIENT-PRINCIPAL-IDP", "X-MS-TOKEN-AAD-ID-TOKEN", "X-MS-TOKEN-AAD-ACCESS-TOKEN"),
        *("Tailscale-User-Login", "Tailscale-User-Name", "Tailscale-App-Capabilities"),
        # Certificates, by nginx and its ingress, Traefik, Envoy, Amazon, Azure, and RFC 9440
        *("X-SSL-Client-S-DN", "X-SSL-Client-Cert", "X-SSL-Client-CN", "SSL-Client-Verify"),
        *("ssl-client-subject-dn", "ssl-client-issuer-dn", "X-Client-Cert", "X-Client-Verify"),
        *("X-Client-DN", "X-Forwarded-Tls-Client-Cert", "X-Forwarded-Client-Cert"),
        *("X-Amzn-Mtls-Clientcert", "X-Amzn-Mtls-Clientcert-Subject", "X-ARR-ClientCert"),
        *("Client-Cert", "Client-Cert-Chain"),
    ],
)
def test_nobody_speaks_in_another_s_name(name: str) -> None:
    assert is_taken_away(name)


@pytest.mark.parametrize(
    "name",
    [
        *("User-Agent", "Sec-Fetch-User", "Authorization", "X-Auth-Token", "X-Api-Key", "Cookie"),
        *("X-Requested-With", "X-Xsrftoken", "Origin", "Host", "X-Request-Id", "Via", "X-User-Id"),
        *("X-Token", "X-Amzn-Trace-Id", "X-Client-Version", "Cf-Access-Client-Id", "X-Auth-Key"),
    ],
)
def test_what_is_the_visitor_s_own_stays(name: str) -> None:
    assert not is_taken_away(name)


def is_taken_away(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name.lower(), each.lower()) for each in guard_routes.DISGUISES)


def test_a_star_stands_at_an_end_or_at_both() -> None:
    """The gateway knows no others."""
    for each in guard_routes.DISGUISES:
        assert "*" not in each[1:-1]


def test_only_those_who_are_trusted_may_speak_for_others() -> None:
    (everybody,) = guard_routes.disguises(config({}))
    assert "match" not in everybody
    said = {"trusted_proxies": ["10.0.0.0/8", "::1"]}
    others, trusted = guard_routes.disguises(config(said))
    ranges = {"remote_ip": {"ranges": ["10.0.0.0/8", "::1/128"]}}
    assert others["match"] == [{"not": [ranges]}]
    assert others["handle"] == everybody["handle"]
    assert trusted["match"] == [ranges | {"header": {"X-Forwarded-For": []}}]
    server = guard_routes.server(config(said))
    assert server["trusted_proxies"] == {"source": "static", "ranges": ["10.0.0.0/8", "::1/128"]}
    assert server["trusted_proxies_strict"] == 1


def test_a_connection_has_limits_and_an_upload_has_none() -> None:
    server = routes.gateway(snapshot({}))["apps"]["http"]["servers"]["site"]
    assert server["read_header_timeout"] == "10s"
    assert server["idle_timeout"] == "2m"
    assert server["max_header_bytes"] == 65536
    assert "read_timeout" not in server
    assert "write_timeout" not in server
    assert "trusted_proxies" not in server

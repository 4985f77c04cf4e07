"""Connection strings of MongoDB: what is one, and whether it keeps strangers out."""

from ipaddress import ip_address

from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

_BY_NAME_SERVER = "mongodb+srv://"
_WITHOUT_PASSWORD = {"MONGODB-X509", "MONGODB-AWS", "MONGODB-OIDC", "GSSAPI"}
"""Ways to prove who one is that need none."""


def check_mongodb_uri(uri: str) -> None:
    """Raise ValueError for what is no connection string, or has no credentials and needs them.

    The message tells nothing of the string, as there may be a password anywhere in it.
    """
    by_name_server = uri.startswith(_BY_NAME_SERVER)
    try:
        # In the other form, as of this one the driver would ask a name server.
        parsed = parse_uri(uri.replace(_BY_NAME_SERVER, "mongodb://", 1))
    except (PyMongoError, ValueError):
        raise ValueError(
            "this is not a MongoDB connection string (mongodb://user:password@host:port/database);"
            " characters such as @ : / in a password are to be percent-encoded"
        ) from None
    known = parsed["username"] and parsed["password"]
    mechanism = parsed["options"].get("authMechanism")
    here = not by_name_server and all(_is_loopback(host) for host, _port in parsed["nodelist"])
    if not known and mechanism not in _WITHOUT_PASSWORD and not here:
        raise ValueError(
            "there is no user name and password in it, and the server is not on this machine:"
            " give MongoDB a password, and name both as mongodb://user:password@host/database"
        )


def _is_loopback(host: str) -> bool:
    if host.endswith(".sock") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

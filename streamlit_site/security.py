"""The headers that tell a browser what the site's pages may do."""

from flask import Flask, Response

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
        # The tab shows the icon that the framed app chose, wherever that lies.
        "img-src 'self' data: blob: http: https:",
        # An app may take its frame wherever it could take a page of its own.
        "frame-src 'self' blob: http: https:",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def install(app: Flask) -> None:
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Add what the answer does not say itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response

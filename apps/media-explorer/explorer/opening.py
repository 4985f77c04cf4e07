"""Which gallery the page shows: one for all sessions, made for the mode of the settings."""

from typing import TYPE_CHECKING

import streamlit as st

from explorer.gallery import Gallery
from explorer.process_slot import is_current
from explorer.settings import Settings

if TYPE_CHECKING:
    from explorer.embedded_gallery import EmbeddedGallery


def open_gallery(settings: Settings) -> Gallery:
    """The gallery as this session sees it; only what its mode needs is imported."""
    match settings.mode:
        case "embedded_server":
            with st.spinner("Starting the media server…"):
                gallery = _embedded(settings.host, settings.port)
            return gallery.for_page(st.context.url)
        case "remote_server":
            return _remote(settings.server_url, settings.browser_url, settings.token)
        case "service_object":
            return _own()


def _close(gallery: Gallery) -> None:
    gallery.close()


one_for_all = st.cache_resource(
    show_spinner=False, max_entries=1, validate=is_current, on_release=_close
)


@one_for_all
def _own() -> Gallery:
    from explorer.service_gallery import ServiceGallery

    return ServiceGallery()


@one_for_all
def _remote(server_url: str, browser_url: str, token: str) -> Gallery:
    from explorer.remote_gallery import RemoteGallery
    from explorer.server_token import token_for

    return RemoteGallery(server_url, browser_url, token=token_for(server_url, token))


@one_for_all
def _embedded(host: str, port: int) -> "EmbeddedGallery":
    from explorer.embedded_gallery import EmbeddedGallery
    from explorer.embedded_server import EmbeddedServer

    return EmbeddedGallery(EmbeddedServer.of_this_process(host, port))

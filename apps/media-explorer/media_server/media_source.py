"""Where media come from: a folder of files, or a list of links."""

from folder_source import FolderSource
from link_source import LinkSource
from media_config import SourceConfig

MediaSource = FolderSource | LinkSource


def make_source(config: SourceConfig, media_types: frozenset[str]) -> MediaSource:
    if config.folder is None:
        return LinkSource(config.name, config.links, config.media_filter)
    return FolderSource(config.name, config.folder, media_types, config.media_filter)

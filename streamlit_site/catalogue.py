"""The catalogue: all apps, with search and tags."""

from functools import lru_cache

from flask import Blueprint, render_template, request

from streamlit_site.directory import Directory, directory

blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/")
def index() -> str:
    """Show all apps; those that a search leaves out are there, but hidden."""
    query = request.args.get("q", "").strip()[:200]
    tag = request.args.get("tag", "").strip()[:100]
    return _page(directory(), query, tag)


@lru_cache(maxsize=4)
def _page(apps: Directory, query: str, tag: str) -> str:
    return render_template(
        "catalogue.html",
        apps=apps.apps.values(),
        shown=apps.matching(query, tag),
        tags=apps.tags(),
        query=query,
        tag=tag,
    )

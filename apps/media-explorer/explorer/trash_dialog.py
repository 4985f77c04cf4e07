"""What was deleted from a source: each file can be brought back, or all removed for good."""

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from explorer.change import make_change, show_error, want
from explorer.gallery import Gallery, GalleryError, TrashedItem
from explorer.undo_bar import forget_undo
from explorer.wording import ago_text, count_text, plain, size_text

_SHOWN = 50


def trash_control(gallery: Gallery, source: str) -> None:
    """Show the button that opens the trash of a source."""
    if st.button("Trash", key="trash", icon=":material/delete:", width="stretch"):
        title = f"Trash of {plain(source)}"
        st.dialog(title, on_dismiss="rerun")(_trash)(gallery, source)


def _trash(gallery: Gallery, source: str) -> None:
    make_change(gallery)
    try:
        with st.spinner("Looking into the trash…"):
            trashed = gallery.trash(source)
    except GalleryError as error:
        show_error(error)
        return
    if not trashed:
        st.info("The trash is empty.", icon=":material/delete:")
        return
    for item in trashed[:_SHOWN]:
        _row(source, item)
    if len(trashed) > _SHOWN:
        st.caption(f"And {len(trashed) - _SHOWN:,} that were deleted before these.")
    with st.popover("Empty trash", icon=":material/delete_forever:"):
        st.write(f"Remove {count_text(len(trashed), 'file')} for good?")
        st.button(
            "Remove for good",
            key="empty",
            type="primary",
            on_click=want,
            args=("Emptying the trash…", partial(_empty, source)),
        )


def _row(source: str, item: TrashedItem) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        facts = f"{size_text(item.size)}, deleted {ago_text(datetime.now(UTC) - item.deleted)}"
        st.markdown(f"**{plain(item.name)}**  \n:small[:gray[{plain(facts)}]]", width="stretch")
        st.button(
            "Restore",
            key=f"restore {item.id}",
            icon=":material/restore_from_trash:",
            on_click=want,
            args=("Restoring…", partial(_restore, source, item)),
        )


def _restore(source: str, item: TrashedItem, gallery: Gallery) -> None:
    name = gallery.restore(source, item.id)
    forget_undo()
    st.toast(f"“{plain(name)}” is back.", icon=":material/restore_from_trash:")


def _empty(source: str, gallery: Gallery) -> None:
    removed = gallery.empty_trash(source)
    forget_undo()
    st.toast(f"{count_text(removed, 'file')} removed for good.", icon=":material/delete_forever:")

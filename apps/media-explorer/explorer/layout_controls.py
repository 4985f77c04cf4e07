"""The sidebar's layout section: rows or packed, captions, and how large the pictures are."""

import streamlit as st

from explorer.display_options import MAX_COLUMNS, MAX_WIDTH, MIN_WIDTH, DisplayOptions
from explorer.layout import Layout, preset_label, preset_width


def layout_controls(options: DisplayOptions) -> Layout:
    """Show the section and return what is chosen there."""
    with st.expander("Layout", icon=":material/grid_view:"):
        arrangement = st.segmented_control(
            "Arrangement",
            ["Rows", "Packed"],
            default="Rows",
            required=True,
            key="layout",
            width="stretch",
            bind="query-params",
            help="Equal tiles row by row, or packed in the pictures' own proportions.",
        )
        captions = st.toggle("Captions", value=True, key="captions", bind="query-params")
        size = st.segmented_control(
            "Size",
            ["Preset", "By hand"],
            default="Preset",
            required=True,
            key="size",
            width="stretch",
            bind="query-params",
            help="Narrow screens show fewer columns, and smaller pictures, than are chosen.",
        )
        preset = _preset(options, disabled=size != "Preset")
        by_hand = _by_hand(options, disabled=size == "Preset")
    columns, width = preset if size == "Preset" else by_hand
    return Layout(arrangement == "Packed", captions, columns, width)


def _preset(options: DisplayOptions, *, disabled: bool) -> tuple[int, int]:
    """Columns and width, from how wide a screen is and how many columns are to fill it."""
    left, right = st.columns(2)
    screen_width = left.selectbox(
        "Screen width",
        options.screen_widths,
        index=options.screen_widths.index(options.default_screen_width),
        key="screen",
        bind="query-params",
        disabled=disabled,
    )
    columns = right.selectbox(
        "Columns, px",
        options.num_columns,
        index=options.num_columns.index(options.default_num_columns),
        format_func=lambda columns: preset_label(screen_width, columns),
        key="preset",
        bind="query-params",
        disabled=disabled,
    )
    return columns, preset_width(screen_width, columns)


def _by_hand(options: DisplayOptions, *, disabled: bool) -> tuple[int, int]:
    left, right = st.columns(2)
    columns = left.number_input(
        "Columns",
        min_value=1,
        max_value=MAX_COLUMNS,
        value=options.default_num_columns,
        key="columns",
        bind="query-params",
        disabled=disabled,
    )
    width = right.number_input(
        "Image width",
        min_value=MIN_WIDTH,
        max_value=MAX_WIDTH,
        value=preset_width(options.default_screen_width, options.default_num_columns),
        step=32,
        key="width",
        bind="query-params",
        disabled=disabled,
    )
    return columns, width

"""Where a visitor chooses a computation and its arguments."""

import streamlit as st

from computations.catalogue import COMPUTATIONS
from computations.computation import SEED, Argument, Arguments, Choice, Computation, Parameter

Wanted = list[tuple[Computation, Arguments]]


def start_form() -> Wanted:
    """Show the form; return what was asked for just now, if anything."""
    with st.container(border=True):
        chosen = COMPUTATIONS[
            st.segmented_control(
                "Computation",
                list(COMPUTATIONS),
                format_func=lambda key: f"{COMPUTATIONS[key].icon} {COMPUTATIONS[key].title}",
                default=next(iter(COMPUTATIONS)),
                required=True,
                label_visibility="collapsed",
                key="computation",
            )
        ]
        st.markdown(chosen.summary)
        columns = st.columns(len(chosen.parameters), gap="medium", vertical_alignment="bottom")
        arguments = {
            each.name: _argument(column, chosen, each)
            for column, each in zip(columns, chosen.parameters, strict=True)
        }
        with st.container(horizontal=True):
            one = st.button("Start", type="primary", icon=":material/play_arrow:")
            each_one = st.button("Start one of each", icon=":material/stacks:")
    if one:
        return [(chosen, arguments)]
    return [(each, each.checked({})) for each in COMPUTATIONS.values()] if each_one else []


def _argument(
    place: st.delta_generator.DeltaGenerator, computation: Computation, parameter: Parameter
) -> Argument:
    key = f"{computation.key}-{parameter.name}"
    if isinstance(parameter, Choice):
        return place.selectbox(parameter.label, parameter.options, help=parameter.help, key=key)
    if parameter is SEED:
        return place.number_input(
            parameter.label,
            parameter.low,
            parameter.high,
            parameter.default,
            help=parameter.help,
            key=key,
        )
    return place.select_slider(
        parameter.label,
        parameter.marks,
        parameter.default,
        format_func="{:,}".format,
        help=parameter.help,
        key=key,
    )

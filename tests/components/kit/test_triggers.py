"""What a person did in a component, stored for the run that acts on it."""

from streamlit.testing.v1 import AppTest


def _late() -> None:
    import streamlit as st

    from components.kit import triggers

    triggers.callbacks("run", "ended")["on_ended_change"]()
    st.write(triggers.take("run", "ended"))


def test_what_a_component_says_after_it_has_left_the_screen_is_dropped() -> None:
    screen = AppTest.from_function(_late).run()
    assert not screen.exception
    assert screen.json[0].value == "[]"

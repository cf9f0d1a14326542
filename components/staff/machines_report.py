"""The cut-out model of each machine with workers, for the staff's system screen."""

from collections.abc import Callable, Sequence

import streamlit as st

from components.kit.facts import size_words
from components.kit.money import clock_time
from components.kit.table import Column, table
from db.models.studio import ModelState
from services.studio.machine_models import ModelOnMachine

_LOOK_EVERY_SECONDS = 2.0


def machines(look: Callable[[], Sequence[ModelOnMachine]]) -> None:
    """Each machine and how it stands with its model, kept up to date while one is being fetched."""
    st.html("<h2>Cut-out models</h2>")
    live = _is_fetched(look())
    st.fragment(_machines, run_every=_LOOK_EVERY_SECONDS if live else None)(look, live)


def words(found: ModelOnMachine) -> str:
    """How it stands with a machine's model, in a sentence."""
    if found.state == ModelState.HERE:
        return "Here"
    if found.state == ModelState.FETCHING:
        return f"Being fetched: {_amount(found)}" if found.received_bytes else "Being fetched"
    again = f" Next try at {clock_time(found.try_again_at)}." if found.try_again_at else ""
    return f"Not here. {found.problem}{again}"


def _machines(look: Callable[[], Sequence[ModelOnMachine]], live: bool) -> None:
    found = look()
    if live and not _is_fetched(found):
        st.rerun()
    if not found:
        st.html('<p class="vt-muted">No machine wants one: pictures are cut out by the built-in method.</p>')
        return
    table(
        "Cut-out models",
        [Column("Machine"), Column("Model"), Column("State")],
        [(one.hostname, one.model, words(one)) for one in found],
    )


def _is_fetched(found: Sequence[ModelOnMachine]) -> bool:
    return any(one.state == ModelState.FETCHING for one in found)


def _amount(found: ModelOnMachine) -> str:
    if not found.total_bytes:
        return size_words(found.received_bytes)
    share = found.received_bytes / found.total_bytes
    return f"{size_words(found.received_bytes)} of {size_words(found.total_bytes)} ({share:.0%})"

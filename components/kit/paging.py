"""Lists shown a page at a time: the page asked for, what is on it, and the way to the others."""

from contextlib import suppress
from dataclasses import dataclass

import streamlit as st
from streamlit.errors import StreamlitAPIException

from components.kit.counts import counted
from components.kit.empty_state import empty_state


@dataclass(frozen=True)
class Pages:
    """The pages of one list, `size` things to each. `key` is where the number stands in the address; every list has
    its own, or going from one to the other would take the number along."""

    key: str
    size: int
    noun: str

    def chosen(self) -> int:
        """The page asked for, from 1; from the address on the first run."""
        named = st.session_state.get(self.key) or st.query_params.get(self.key, "1")
        return max(1, int(named)) if str(named).isdecimal() and len(str(named)) < 7 else 1

    def first(self) -> None:
        """Back to the first page: what was on the third of another list means nothing here."""
        st.session_state[self.key] = 1

    def words(self, page: int, total: int) -> str:
        """`61 to 120 of 10,000 pictures`."""
        first, last = (page - 1) * self.size + 1, min(page * self.size, total)
        if total <= self.size:
            return counted(total, self.noun)
        return f"{first:,} to {last:,} of {counted(total, self.noun)}"

    def links(self, total: int) -> None:
        """The page links; the number is read with `chosen` before the things are looked up."""
        pages = -(-total // self.size)
        if pages > 1:
            st.pagination(pages, key=self.key, bind="query-params", width="stretch")

    def past_the_last(self) -> None:
        """Instead of a page that is not there: the way to the first."""
        empty_state("Nothing on this page", f"There are fewer {self.noun}s than that.", icon="search")
        with st.container(horizontal=True, horizontal_alignment="center"):
            st.button("Go to the first page", key=f"{self.key}_first", on_click=self._leave)

    def _leave(self) -> None:
        self.first()
        with suppress(StreamlitAPIException):  # tied to links drawn a moment ago, which take it along themselves
            st.query_params.pop(self.key, None)

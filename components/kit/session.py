"""What a browser tab remembers between reruns: one typed object a screen, not keys here and there."""

from typing import TypeVar

import streamlit as st

Session = TypeVar("Session")


def session_of(kind: type[Session]) -> Session:
    """The tab's one object of this dataclass, made on first use; every field needs a default."""
    key = f"vt_session.{kind.__module__}.{kind.__qualname__}"
    if key not in st.session_state:
        st.session_state[key] = kind()
    found: Session = st.session_state[key]
    return found

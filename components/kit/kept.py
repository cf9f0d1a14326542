"""What a person set widgets to: Streamlit itself forgets the value of a widget that one run did not draw."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st


@dataclass
class Kept:
    """Values of widgets by key, for a screen's session. Each is stored before the run that it starts, since the next
    may cut that one short."""

    values: dict[str, Any] = field(default_factory=dict)

    def start(self, key: str, otherwise: Any) -> Any:
        """What the widget `key` is to be drawn with: its value of before, if it had one."""
        return self.values.get(key, otherwise)

    def now(self, key: str, otherwise: Any) -> Any:
        """What the widget `key` is set to. Its own value comes first: in a callback it is newer than what was kept if
        the widget's own callback has not run yet."""
        return st.session_state.get(key, self.start(key, otherwise))

    def widget(self, key: str) -> dict[str, Any]:
        """What else to draw it with, so that its value is kept."""
        return {"key": key, "on_change": self._keep, "args": (key,)}

    def _keep(self, key: str) -> None:
        self.values[key] = st.session_state[key]

"""What the shell remembers between reruns."""

from dataclasses import dataclass

from components.kit.session import session_of
from services.errors import ServiceError


@dataclass
class ShellSession:
    """`screen` is the path of the screen drawn last and `arrived` whether this run is the first one there. `error` and
    `toast` (message and icon) wait for the next drawing: one shown just before `st.rerun()` is never seen.
    `jobs_were_active` says whether the header last drew with jobs running, so that their end refreshes the page once.
    """

    screen: str = ""
    arrived: bool = True
    error: ServiceError | None = None
    toast: tuple[str, str | None] | None = None
    jobs_were_active: bool = False


def shell_session() -> ShellSession:
    """The shell's session of this tab."""
    return session_of(ShellSession)

"""How the app tells people what happened: one look for errors, empty lists and toasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import streamlit as st
import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from components.kit.counts import counted
from components.shell import page_table
from components.shell.session import shell_session
from services.errors import ServiceError, Unavailable

_log = structlog.get_logger("vitrine.pages")

_TITLES = {
    "insufficient_credits": "Not enough credits",
    "price_changed": "The price has changed",
    "forbidden": "You cannot open this page",
    "not_found": "Not found",
    "rate_limited": "Too many requests",
    "unavailable": "Temporarily unavailable",
    "internal": "Something went wrong",
}


def show_error(error: ServiceError) -> None:
    """Say what happened and what to do next; never charges, never leaks."""
    title = _TITLES.get(error.code, "That did not work")
    details = "".join(f"<li>{escape(each.message)}</li>" for each in error.errors if each.message not in error.message)
    wait = f" Try again in {counted(max(1, round(error.retry_after)), 'second')}." if error.retry_after else ""
    st.html(
        f'<div class="vt-notice vt-notice-error" role="alert"><strong>{escape(title)}</strong>'
        f"<p>{escape(error.message)}{wait}</p>{f'<ul>{details}</ul>' if details else ''}</div>"
    )
    if error.code == "insufficient_credits":
        st.page_link(page_table.BUY.script, label="Buy credits", icon=":material/add_card:")


def show_after_rerun(error: ServiceError) -> None:
    """Keep an error, met in a callback, for `show_waiting_error` in the coming run."""
    shell_session().error = error


def show_waiting_error() -> None:
    """Show the error that a callback met, once."""
    session = shell_session()
    if error := session.error:
        session.error = None
        show_error(error)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Say here what the block could not do; the rest of the screen goes on."""
    try:
        yield
    except ServiceError as error:
        show_error(error)


def explain(error: Exception) -> ServiceError:
    """What a person may see of an error: a `ServiceError` as it is, a lost database as such, else the generic one."""
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, (OperationalError, InterfaceError)) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        return Unavailable("The database is not reachable right now. Nothing is lost. Please try again in a moment.")
    return ServiceError()


def show_escaped(error: Exception) -> bool:
    """Streamlit's last resort: log what no screen caught and show the friendly page. True: Streamlit shows nothing."""
    explained = explain(error)
    if not isinstance(error, ServiceError):
        _log.error("page_failed", code=explained.code, exc_info=error)
    show_error(explained)
    if explained.retryable or explained.code == "internal":
        st.button("Try again", key="vt_try_again", icon=":material/refresh:")
    else:
        st.page_link(page_table.HOME.script, label="Go to the start page", icon=":material/home:")
    return True


def toast_after_rerun(message: str, icon: str | None = None) -> None:
    """Show a toast once the coming rerun has drawn the page."""
    shell_session().toast = (message, icon)


def show_waiting_toast() -> None:
    """Show the toast of the run before; the shell calls it once a run."""
    session = shell_session()
    if session.toast:
        message, icon = session.toast
        session.toast = None
        st.toast(message, icon=icon)

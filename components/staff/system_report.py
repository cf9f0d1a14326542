"""The pieces of the staff's system screen."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from components.kit.money import ago, clock_time
from components.kit.table import Column, table
from db.clock import now
from services.jobs.queue_state import QueueState, WorkerView
from services.staff.system import PartHealth, RecentFailure


def verdict(problems: Sequence[str]) -> None:
    """All is well, or what to look at."""
    if not problems:
        st.html('<div class="vt-notice vt-notice-good" role="status"><strong>Everything works</strong></div>')
        return
    items = "".join(f"<li>{escape(problem)}</li>" for problem in problems)
    st.html(f'<div class="vt-notice vt-notice-error" role="alert"><strong>Needs a look</strong><ul>{items}</ul></div>')


def parts(found: Sequence[PartHealth]) -> None:
    """Database and storage as tiles."""
    _tiles(
        [
            (part.name, part.kind if part.reachable else "Down", f"answers in {part.milliseconds} ms")
            if part.reachable
            else (part.name, "Down", part.problem)
            for part in found
        ]
    )


def queue(state: QueueState) -> None:
    """How many jobs are in which state."""
    waiting = state.oldest_waiting_seconds
    st.html("<h2>Queue</h2>")
    _tiles(
        [
            ("Queued", f"{state.counts['queued']:,}", f"oldest waits {waiting:.0f} s" if waiting else "nobody waits"),
            ("Running", f"{state.counts['running']:,}", f"{state.seconds_per_job:.1f} s a picture"),
            ("Succeeded", f"{state.counts['succeeded']:,}", "since the start"),
            ("Failed", f"{state.counts['failed']:,}", f"{state.counts['cancelled']:,} cancelled"),
        ]
    )


def workers(found: Sequence[WorkerView]) -> None:
    """Each worker process and when it was last seen."""
    st.html("<h2>Workers</h2>")
    if not found:
        st.html('<p class="vt-muted">No worker has reported yet.</p>')
        return
    table(
        "Workers",
        [
            Column("Worker"),
            Column("State"),
            Column("Heartbeat", numeric=True),
            Column("Running", numeric=True),
            Column("Version"),
            Column("Started"),
        ],
        [
            (
                f"{worker.hostname} · {worker.pid}",
                _state(worker),
                f"{max(0.0, (now() - worker.seen_at).total_seconds()):.1f} s ago",
                f"{worker.running} of {worker.concurrency}",
                worker.version,
                ago(worker.started_at),
            )
            for worker in found
        ],
    )


def failures(found: Sequence[RecentFailure]) -> None:
    """What failed lately and why."""
    st.html("<h2>Recent failures</h2>")
    if not found:
        st.html('<p class="vt-muted">Nothing has failed.</p>')
        return
    table(
        "Recent failures",
        [Column("When"), Column("Job"), Column("Code"), Column("Message to the customer"), Column("Attempts", True)],
        [
            (
                clock_time(failure.finished_at) if failure.finished_at else "—",
                failure.job_id,
                failure.code,
                failure.message,
                str(failure.attempts),
            )
            for failure in found
        ],
    )


def _state(worker: WorkerView) -> str:
    if not worker.alive:
        return "Lost"
    return "Draining" if worker.draining else "Alive"


def _tiles(tiles: Sequence[tuple[str, str, str]]) -> None:
    cells = "".join(
        f'<div class="vt-tile"><dt>{escape(title)}</dt><dd>{escape(value)}</dd>'
        f'<dd class="note">{escape(note)}</dd></div>'
        for title, value, note in tiles
    )
    st.html(f'<dl class="vt-tiles">{cells}</dl>')

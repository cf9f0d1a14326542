"""Live progress of some jobs, one card a picture, fed by the event stream: nothing reloads while they run."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from components.kit import triggers
from components.kit.parts import parts

_progress = st.components.v2.component("vitrine_job_progress", **parts("kit/job_progress"))


@dataclass(frozen=True)
class JobCard:
    """One picture in the making. `thumb` is a signed URL, `clear` marks transparency, `note` is for a ready one, of
    which we may be in `doubt`."""

    id: str
    name: str
    thumb: str
    status: str
    stage: str
    progress: float
    run: int = 1
    clear: bool = False
    queue_position: int | None = None
    eta_seconds: float | None = None
    note: str = ""
    doubt: bool = False

    @property
    def ended(self) -> bool:
        return self.status in ("succeeded", "failed", "cancelled")


@dataclass(frozen=True)
class ProgressIntent:
    """What the person wants: cancel these jobs, look at one."""

    cancel: tuple[str, ...] = ()
    pick: str | None = None


def job_progress(cards: Sequence[JobCard], of: str, *, picked: str | None, key: str) -> ProgressIntent:
    """Cards with live progress. `of` says whose jobs they are, as `origin=drf_…` or `product=prd_…`: the stream of
    those is followed while any of them is active, by the browser's own cookie."""
    active = any(not card.ended for card in cards)
    data = {
        "url": f"/events/jobs?{of}" if active else "",
        "epoch": " ".join(f"{card.id}:{card.run}" for card in cards),
        "picked": picked,
        "jobs": tuple(asdict(card) for card in cards),
    }
    _progress(data=data, key=key, **triggers.callbacks(key, "ended", "cancel", "pick"))
    triggers.take(key, "ended")  # the redraw is the answer
    cancel = tuple(id for ids in triggers.take(key, "cancel") for id in ids)
    return ProgressIntent(cancel=cancel, pick=next(reversed(triggers.take(key, "pick")), None))

"""A job as a card of the progress grid, and cancelling it there, for every screen that shows one."""

from collections.abc import Sequence

from components.kit.job_progress import JobCard
from components.marketplaces.report import stored_rules, verdict, went_uncharged
from components.shell import feedback
from services.accounts.actor import Actor
from services.errors import Conflict
from services.jobs.cancellation import cancel_job
from services.jobs.origins import JobGlance
from services.library.views import AssetView


def photo_name(before: AssetView | None) -> str:
    """What a job is called: by the photo it works on, which may be gone."""
    return before.filename if before else "Deleted photo"


def job_card(job: JobGlance, before: AssetView | None, after: AssetView | None) -> JobCard:
    """`before` and `after` are the job's photo and result, None for what is gone or not there yet."""
    shown = after or before
    return JobCard(
        id=job.id,
        name=photo_name(before),
        thumb=shown.urls.thumb if shown else "",
        status=job.status.value,
        stage=job.stage,
        progress=job.progress,
        run=job.run,
        clear=shown.has_alpha if shown else False,
        note=_note(after) if after else "",
        doubt=after is not None and went_uncharged(after.details),
    )


def cancel_jobs(actor: Actor, job_ids: Sequence[str]) -> None:
    """Cancel what is not finished yet, and say how many that were."""
    late = 0
    for job_id in job_ids:
        try:
            cancel_job(actor, job_id)
        except Conflict:
            late += 1
    stopped = len(job_ids) - late
    words = f"{stopped} cancelled, not charged." if stopped else ""
    feedback.toast_after_rerun(words + (f" {late} had already finished." if late else ""))


def _note(after: AssetView) -> str:
    """The line under a ready picture: that it needs a look, or how it stands with its marketplace."""
    if went_uncharged(after.details):
        return "Please check, not charged"
    market = after.details.get("marketplace")
    return verdict(stored_rules(market["rules"])) if market else ""

"""What a notice says, from the event that it is about. To tell people of another kind of event: a case here, and the
kind in `READ`."""

from dataclasses import dataclass

from services.batches.event_types import BatchCompleted, is_of_batch
from services.billing.event_types import (
    PaymentCompleted,
    PaymentDisputed,
    PaymentFailed,
    PaymentRefunded,
    PaymentRestored,
)
from services.billing.formatting import format_credits, format_dollars
from services.credits.event_types import CreditsLow
from services.events import Event
from services.jobs.event_types import JobCompleted, JobFailed

READ: tuple[type[Event], ...] = (
    BatchCompleted,
    CreditsLow,
    JobCompleted,
    JobFailed,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
    PaymentDisputed,
    PaymentRestored,
)


@dataclass(frozen=True)
class Notice:
    """What to tell the person whom an event concerns. `kind` is the notice's on the wire."""

    kind: str
    message: str
    job_id: str | None = None


def notice_of(event: Event) -> Notice | None:
    """The notice about an event; None if it makes none."""
    match event:
        case BatchCompleted():
            return Notice("batch.completed", f"Your batch has ended: {_ended(event)}.")
        case JobCompleted() | JobFailed() if is_of_batch(event):
            return None
        case CreditsLow():
            left = format_credits(event.available) if event.available else "no credits"
            advice = "Buy credits to keep going, or wait for tomorrow's free ones."
            return Notice("credits.low", f"You have {left} left. {advice}")
        case JobCompleted():
            return Notice("job.completed", _completed(event), event.job_id)
        case JobFailed():
            return Notice("job.failed", f"A picture could not be made: {event.message}", event.job_id)
        case PaymentCompleted():
            bought = f"{format_credits(event.credits)} for {format_dollars(event.amount)}"
            return Notice("payment.succeeded", f"Thank you: {bought} {_are(event.credits)} here.")
        case PaymentFailed():
            return Notice("payment.failed", f"{event.reason} Nothing was charged, and no credits were added.")
        case PaymentRefunded():
            return Notice(
                "payment.refunded", f"{format_dollars(event.amount)} went back to you{_taken(event.credits)}."
            )
        case PaymentDisputed():
            until = "" if event.is_final else " until that is settled"
            taken = _taken(event.credits)
            return Notice(
                "payment.disputed", f"Your bank disputes a payment of {format_dollars(event.amount)}{taken}{until}."
            )
        case PaymentRestored():
            back = f"{format_credits(event.credits)} {_are(event.credits)} back"
            return Notice("payment.restored", f"The dispute is settled: {back} in your account.")
    return None


def _ended(event: BatchCompleted) -> str:
    parts = []
    if event.made:
        which = "" if event.made == 1 else f"{event.doubtful} of them "
        doubtful = f", {which}doubtful and not charged" if event.doubtful else ""
        parts.append(f"{event.made} {'picture is' if event.made == 1 else 'pictures are'} ready{doubtful}")
    if event.failed:
        parts.append(f"{event.failed} could not be made")
    if event.cancelled:
        parts.append(f"{event.cancelled} {_were(event.cancelled)} cancelled")
    return "; ".join(parts)


def _completed(event: JobCompleted) -> str:
    if not event.is_charged:
        return "Your picture is ready. We are not sure it is good enough, so it was not charged."
    return "Your picture is ready."


def _taken(credits: int) -> str:
    return f", and {format_credits(credits)} {_were(credits)} taken back" if credits > 0 else ""


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"

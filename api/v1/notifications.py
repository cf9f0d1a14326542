"""The notices in a user's inbox."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from api.v1.dependencies import Reader, Writer
from api.v1.pagination import ListOf, PageCursor
from api.v1.schemas import Time, View
from services.notifications import inbox

router = APIRouter(prefix="/notifications", tags=["notifications"])


class Notification(View):
    """One notice. `kind` is stable: job.completed, job.failed, batch.completed, credits.low, and payment.succeeded,
    .failed, .refunded, .disputed, .restored."""

    id: str
    object: Literal["notification"] = "notification"
    kind: str = Field(examples=["job.completed"])
    message: str
    job_id: str | None
    created_at: Time
    read_at: Time | None


@router.get("", summary="List notices")
def list_notifications(
    actor: Reader, cursor: PageCursor, unread: Annotated[bool, Query(description="Only those not read yet.")] = False
) -> ListOf[Notification]:
    """Newest first."""
    page = inbox.list_notifications(actor, unread_only=unread, limit=cursor.limit, starting_after=cursor.starting_after)
    return ListOf[Notification](data=[Notification.model_validate(one) for one in page.items], has_more=page.has_more)


@router.post("/read", status_code=204, summary="Mark all notices as read")
def mark_read(actor: Writer) -> None:
    """`?unread=true` then lists only those that come afterwards."""
    inbox.mark_read(actor)

"""The inbox as a consumer of events: each that makes a notice makes one, however often it is read."""

from sqlmodel import Session

from db import new_id
from db.dialects import insert
from db.models import UserNotification
from services.events.consumers import Consumer, Recorded
from services.notifications.words import READ, notice_of


def _write(session: Session, recorded: Recorded) -> None:
    notice = notice_of(recorded.event)
    if notice is None or recorded.event.user_id is None:
        return
    session.execute(
        insert(session, UserNotification)
        .values(
            id=new_id("ntf"),
            user_id=recorded.event.user_id,
            event_id=recorded.id,
            kind=notice.kind,
            message=notice.message,
            job_id=notice.job_id,
            created_at=recorded.created_at,
        )
        .on_conflict_do_nothing(index_elements=["event_id"])
    )


INBOX = Consumer(name="inbox", reads=READ, handle=_write)

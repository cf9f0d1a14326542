"""A running worker writes notices as things happen."""

import db
from config import Settings
from services import events
from services.accounts.registration import create_user
from services.credits.event_types import CreditsLow
from services.notifications import inbox
from tests.support.job_workers import running_worker, wait_until


def test_a_notice_is_there_soon_after_its_event_though_nothing_is_polled(vitrine: Settings) -> None:
    anna = create_user("anna@example.com", "correct horse battery")
    with running_worker(vitrine):
        for number in range(2):  # the schedule alone looks once a minute: the second would come too late
            with db.transaction() as session:
                events.record(session, CreditsLow(user_id=anna.id, available=2))
            wait_until(lambda: inbox.list_notifications(anna).unread > number, 30, "the notice")  # noqa: B023

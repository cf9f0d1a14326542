"""What staff do to prompts leaves an event."""

from config import Settings
from db.models import Role
from services.accounts.event_types import StaffActed
from services.accounts.registration import create_user
from services.staff import prompts
from services.staff.prompts import PromptFields
from tests.support.event_log import recorded


def test_a_change_of_a_prompt_is_recorded_with_who_made_it(vitrine_sqlite: Settings) -> None:
    owner = create_user("owner@example.com", "correct horse battery", role=Role.SUPER_ADMIN)
    shipped = prompts.list_prompts(owner)[0]
    fields = PromptFields(shipped.model, shipped.template, price_micros=10, note="cheaper")
    made = prompts.new_version(owner, shipped.operation, fields)
    details = {"operation": shipped.operation, "version": made.version, "model": shipped.model}
    assert recorded("staff.acted") == [
        StaffActed(user_id=None, staff_id=owner.id, action="prompt_changed", details=details)
    ]

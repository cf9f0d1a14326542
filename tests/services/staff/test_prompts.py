"""What staff do to prompts is held against what a provider can do, and leaves an event."""

import pytest

from config import Settings
from db.models import Role
from services.accounts.event_types import StaffActed
from services.accounts.registration import create_user
from services.errors import Invalid
from services.staff import prompts
from services.staff.prompts import PromptFields
from services.studio.providers import registry
from tests.support import extension_sketch
from tests.support.event_log import recorded


def test_a_change_of_a_prompt_is_recorded_with_who_made_it(vitrine_sqlite: Settings) -> None:
    owner = create_user("owner@example.com", "correct horse battery", role=Role.SUPER_ADMIN)
    shipped = prompts.list_prompts(owner)[0]
    fields = PromptFields(shipped.model, shipped.template, price_micros=10, note="cheaper")
    made = prompts.new_version(owner, shipped.operation, fields)
    details = {
        "operation": shipped.operation,
        "version": made.version,
        "provider": shipped.provider,
        "model": shipped.model,
    }
    assert recorded("staff.acted") == [
        StaffActed(user_id=None, staff_id=owner.id, action="prompt_changed", details=details)
    ]


@pytest.mark.parametrize(
    ("provider", "model", "field", "message"),
    [
        ("queued", "pencil-1", "provider", "Queued vendor cannot do Restyle. Choose another provider."),
        ("gemini", "pencil-1", "model", "Google Gemini has no model of that name. Check its spelling."),
        ("nobody", "pencil-1", "provider", "There is no provider of that name."),
    ],
)
def test_a_provider_that_cannot_do_it_is_refused_and_says_what_to_change(
    vitrine_sqlite: Settings, provider: str, model: str, field: str, message: str
) -> None:
    owner = create_user("owner@example.com", "correct horse battery", role=Role.SUPER_ADMIN)
    template = prompts.list_prompts(owner)[0].template
    registry.register(extension_sketch.PROVIDER)
    try:
        with pytest.raises(Invalid) as refused:
            prompts.new_version(owner, "restyle", PromptFields(model, template, 10, provider=provider))
    finally:
        registry.reset(())
    assert [(error.field, error.message) for error in refused.value.errors] == [(field, message)]

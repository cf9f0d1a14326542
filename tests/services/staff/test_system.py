"""What staff are told about the installation, and that nobody else is."""

import pytest

import db
from config import Settings
from db.models import EventFailure, Job, JobStatus, Role
from services.accounts import registration
from services.accounts.actor import Actor
from services.errors import Forbidden
from services.library import storage
from services.library.storage import StorageUnavailable
from services.staff.system import system_health


def _person(role: Role) -> Actor:
    return registration.create_user(f"{role}@example.com", "correct horse battery", role=role, tier="free", credits=0)


@pytest.mark.parametrize("role", [Role.SUPPORT_ADMIN, Role.FINANCE_ADMIN, Role.SUPER_ADMIN])
def test_every_staff_role_may_look_at_the_system(vitrine_sqlite: Settings, role: Role) -> None:
    health = system_health(_person(role))
    assert {part.name: part.reachable for part in health.parts} == {"Database": True, "Storage": True}
    assert health.queue.counts["queued"] == 0


def test_an_ordinary_account_may_not(vitrine_sqlite: Settings) -> None:
    with pytest.raises(Forbidden):
        system_health(_person(Role.USER))


def test_a_missing_worker_and_a_lost_storage_are_problems_in_words(
    vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise StorageUnavailable

    monkeypatch.setattr(storage.current(), "check", gone)
    problems = " ".join(system_health(_person(Role.SUPER_ADMIN)).problems)
    assert "No worker is alive" in problems
    assert "Storage does not answer" in problems


def test_failures_are_listed_without_whose_they_were(vitrine_sqlite: Settings) -> None:
    owner, staff = _person(Role.USER), _person(Role.SUPPORT_ADMIN)
    with db.transaction() as session:
        for status in (JobStatus.FAILED, JobStatus.SUCCEEDED):
            session.add(
                Job(
                    user_id=owner.id,
                    status=status,
                    priority=40,
                    recipe={"steps": []},
                    input_asset_id="ast_x",
                    error_code="image_unreadable" if status == JobStatus.FAILED else None,
                    error_message="This file is damaged." if status == JobStatus.FAILED else None,
                    finished_at=db.now(),
                )
            )
    failures = system_health(staff).failures
    assert [(failure.code, failure.message) for failure in failures] == [("image_unreadable", "This file is damaged.")]
    assert owner.id not in str(failures)
    assert owner.email not in str(failures)


def test_an_event_that_was_given_up_on_is_a_problem(vitrine_sqlite: Settings) -> None:
    with db.transaction() as session:
        session.add(EventFailure(consumer="inbox", event_id="evt_1", attempts=5, error="x", skipped_at=db.now()))
    assert "could not be handled and were skipped: 1" in " ".join(system_health(_person(Role.SUPER_ADMIN)).problems)

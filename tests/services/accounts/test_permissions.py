"""One table says who may do what, and nothing outside it names a role."""

import pytest

from db.models import Role
from services.accounts.actor import Actor
from services.accounts.permissions import OWNER, ROLES, Permission
from services.errors import Forbidden
from tests.support.enum_mentions import mentions

MAY_NAME_ROLES = (
    "services/accounts/permissions.py",
    "db/models/accounts.py",
    "db/migrations/",
    "services/demo/",  # whom to sign in as
)


def _actor(role: Role) -> Actor:
    return Actor(id="usr_1", email="anna@example.com", name="", role=role, tier="free")


def test_every_permission_has_its_row() -> None:
    assert set(ROLES) == set(Permission)


def test_the_owner_may_do_everything_and_a_customer_nothing_special() -> None:
    assert all(_actor(OWNER).may(permission) for permission in Permission)
    assert not any(_actor(Role.USER).may(permission) for permission in Permission)


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (Role.SUPPORT_ADMIN, Permission.ADJUST_CREDITS, Permission.VIEW_MONEY_FIGURES),
        (Role.FINANCE_ADMIN, Permission.VIEW_MONEY_FIGURES, Permission.ADJUST_CREDITS),
        (Role.SUPPORT_ADMIN, Permission.VIEW_PROMPTS, Permission.CHANGE_PROMPTS),
    ],
)
def test_staff_may_do_what_the_table_says_and_no_more(role: Role, may: Permission, may_not: Permission) -> None:
    _actor(role).require(may)
    with pytest.raises(Forbidden, match="staff only"):
        _actor(role).require(may_not)


def test_no_role_is_named_outside_the_table() -> None:
    special = {role.value for role in Role} - {Role.USER}  # "user" is a word of many other things
    assert mentions("Role", special, "role", MAY_NAME_ROLES) == []

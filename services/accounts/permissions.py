"""Who may do what: one table of permission by role. Pages, services and the API ask for a permission, never for a role.

To add one: name it, and say in the table which roles have it (docs/how-to/add-a-permission.md).
"""

from collections.abc import Mapping
from enum import StrEnum

from db.models import Role


class Permission(StrEnum):
    """Something that only some roles may do."""

    USE_STAFF_API = "staff_api.use"  # and make API keys with the admin scope
    VIEW_SYSTEM = "system.view"
    VIEW_PROMPTS = "prompts.view"
    CHANGE_PROMPTS = "prompts.change"
    ADJUST_CREDITS = "credits.adjust"
    VIEW_FIGURES = "figures.view"  # the analytics screen, and the figures that all staff may know
    VIEW_SHOP_FIGURES = "figures.view_shops"  # people and jobs
    VIEW_MONEY_FIGURES = "figures.view_money"  # revenue and costs


CUSTOMER = Role.USER
"""The role of a new account."""
OWNER = Role.SUPER_ADMIN
"""The role that has every permission, without a row in the table."""

_SUPPORT = frozenset({Role.SUPPORT_ADMIN})
_FINANCE = frozenset({Role.FINANCE_ADMIN})
_NOBODY_ELSE: frozenset[Role] = frozenset()

ROLES: Mapping[Permission, frozenset[Role]] = {
    Permission.USE_STAFF_API: _SUPPORT | _FINANCE,
    Permission.VIEW_SYSTEM: _SUPPORT | _FINANCE,
    Permission.VIEW_PROMPTS: _SUPPORT,
    Permission.CHANGE_PROMPTS: _NOBODY_ELSE,
    Permission.ADJUST_CREDITS: _SUPPORT,
    Permission.VIEW_FIGURES: _SUPPORT | _FINANCE,
    Permission.VIEW_SHOP_FIGURES: _SUPPORT,
    Permission.VIEW_MONEY_FIGURES: _FINANCE,
}


def has_permission(role: str, permission: Permission) -> bool:
    """Whether an account of this role may do it."""
    return role == OWNER or role in ROLES[permission]

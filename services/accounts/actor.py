"""Who makes a request. Every use case takes an `Actor` first and checks it, whatever the page or route checked."""

from dataclasses import dataclass

from services.accounts.permissions import Permission, has_permission
from services.errors import Forbidden

ALL_SCOPES = frozenset({"read", "write", "billing", "admin"})


@dataclass(frozen=True)
class Actor:
    """The person behind one request: signed in by a browser session, an access token or an API key with its scopes."""

    id: str
    email: str
    name: str
    role: str
    tier: str
    theme: str = "system"
    scopes: frozenset[str] = ALL_SCOPES
    session_id: str | None = None
    key_id: str | None = None
    token_family: str | None = None
    rate_limit_per_minute: int | None = None

    def require_scope(self, scope: str) -> None:
        """Raise `Forbidden` unless the credential in use carries `scope`."""
        if scope not in self.scopes:
            raise Forbidden(f"This API key lacks the '{scope}' scope. Make a key that has it and try again.")

    def may(self, permission: Permission) -> bool:
        """Whether the person's role has this permission."""
        return has_permission(self.role, permission)

    def require(self, permission: Permission) -> None:
        """Raise `Forbidden` unless the person's role has this permission."""
        if not self.may(permission):
            raise Forbidden("This part is for staff only.")

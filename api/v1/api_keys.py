"""API keys: list, make, revoke, regenerate."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from api.v1.dependencies import Reader, Writer
from api.v1.idempotency import IdempotentRoute
from api.v1.schemas import Body, Moment, Time, View
from services.accounts import api_keys

router = APIRouter(prefix="/api-keys", tags=["api keys"], route_class=IdempotentRoute)

Scope = Literal["read", "write", "billing", "admin"]


class NewKeyBody(Body):
    """What a new key is for."""

    name: str = Field(min_length=1, max_length=100, examples=["Shop import"])
    scopes: list[Scope] = Field(default=["read", "write"], min_length=1, max_length=4)
    expires_at: Moment | None = Field(default=None, description="RFC 3339 with a zone; never, if left out.")
    rate_limit_per_minute: int | None = Field(default=None, ge=1, le=100_000)


class Key(View):
    """A key without its secret; `hint` is the secret's last four characters."""

    id: str
    object: Literal["api_key"] = "api_key"
    name: str
    hint: str
    scopes: list[Scope]
    rate_limit_per_minute: int | None
    created_at: Time
    last_used_at: Time | None
    expires_at: Time | None


class KeyWithSecret(Key):
    """A key just made. Its secret is not shown again."""

    secret: str


class Keys(View):
    """All keys that are not revoked, newest first; there are never more than one page."""

    data: list[Key]
    has_more: bool = False


def _with_secret(made: api_keys.NewApiKey) -> KeyWithSecret:
    return KeyWithSecret(**Key.model_validate(made.key).model_dump(), secret=made.secret)


@router.get("", summary="List keys")
def list_keys(actor: Reader) -> Keys:
    """Without their secrets."""
    return Keys(data=[Key.model_validate(one) for one in api_keys.list_api_keys(actor)])


@router.post("", status_code=201, summary="Make a key")
def create_key(body: NewKeyBody, actor: Writer) -> KeyWithSecret:
    """The secret appears in this answer and never again. A key can do no more than the credential that made it."""
    made = api_keys.create_api_key(
        actor, body.name, body.scopes, body.expires_at, rate_limit_per_minute=body.rate_limit_per_minute
    )
    return _with_secret(made)


@router.delete("/{key_id}", status_code=204, summary="Revoke a key")
def revoke_key(key_id: str, actor: Writer) -> None:
    """It stops working at once."""
    api_keys.revoke_api_key(actor, key_id)


@router.post("/{key_id}/regenerate", summary="Give a key a new secret")
def regenerate_key(key_id: str, actor: Writer) -> KeyWithSecret:
    """The old secret stops at once; name, scopes and expiry stay."""
    return _with_secret(api_keys.regenerate_api_key(actor, key_id))

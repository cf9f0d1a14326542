"""Accounts over the API: register, sign in for tokens, refresh, sign out, and who am I."""

from fastapi import APIRouter
from pydantic import Field

from api.v1.dependencies import Address, Reader
from api.v1.schemas import Body, View
from services.accounts import tokens
from services.accounts.tokens import TokenPair
from services.credits.balances import balance

router = APIRouter(prefix="/auth", tags=["auth"])


class RegisterBody(Body):
    """A new account."""

    email: str = Field(max_length=254, examples=["anna@example.com"])
    password: str = Field(max_length=200, description="10 to 72 bytes, not easily guessed.")
    name: str = Field(default="", max_length=100)
    accepted_terms: bool = Field(description="Must be true.")


class LoginBody(Body):
    """An account's e-mail address and password."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=200)


class RefreshBody(Body):
    """The refresh token of the newest pair."""

    refresh_token: str = Field(max_length=200)


class LogoutBody(Body):
    """Which sign-in to end; without it, the one of the access token in use."""

    refresh_token: str | None = Field(default=None, max_length=200)


class Tokens(View):
    """An access token (15 minutes) and the refresh token that gets the next one, once."""

    access_token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105  the kind of token, not a token
    expires_in: int = Field(description="Seconds until the access token expires.")

    @classmethod
    def of(cls, pair: TokenPair) -> "Tokens":
        return cls(access_token=pair.access_token, refresh_token=pair.refresh_token, expires_in=pair.expires_in)


class CreditsNow(View):
    """Credits to spend, credits set aside for running jobs, and how many of today's free ones are left."""

    available: int
    held: int
    daily_free_remaining: int


class Me(View):
    """The account in use."""

    id: str
    email: str
    name: str
    role: str
    tier: str
    credits: CreditsNow


@router.post("/register", status_code=201, summary="Make an account")
def register(body: RegisterBody, address: Address) -> Tokens:
    """The first ten credits come with it. The answer never tells whether an address already has an account."""
    return Tokens.of(
        tokens.register_for_tokens(
            body.email, body.password, body.name, accepted_terms=body.accepted_terms, address=address
        )
    )


@router.post("/login", summary="Sign in for tokens")
def login(body: LoginBody, address: Address) -> Tokens:
    """After too many failures the account waits; `Retry-After` says how long."""
    return Tokens.of(tokens.issue_tokens(body.email, body.password, address=address))


@router.post("/refresh", summary="Trade a refresh token for the next pair")
def refresh(body: RefreshBody) -> Tokens:
    """Each refresh token works once. Using a spent one ends the whole sign-in: somebody has a copy."""
    return Tokens.of(tokens.refresh_tokens(body.refresh_token))


@router.post("/logout", status_code=204, summary="End a sign-in")
def logout(actor: Reader, body: LogoutBody | None = None) -> None:
    """Access and refresh tokens of that sign-in stop at once."""
    tokens.revoke_tokens(actor, body.refresh_token if body else None)


@router.get("/me", summary="Who am I")
def me(actor: Reader) -> Me:
    """The account behind the credential, with its credits."""
    now = balance(actor)
    credits = CreditsNow(available=now.available, held=now.held, daily_free_remaining=now.daily_free_remaining)
    return Me(id=actor.id, email=actor.email, name=actor.name, role=actor.role, tier=actor.tier, credits=credits)

"""Prompts and models of the providers' operations, for staff."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from api.v1.dependencies import Admin
from api.v1.idempotency import IdempotentRoute
from api.v1.schemas import Body, Time, View
from services.staff import prompts
from services.staff.prompts import MAX_MODEL, MAX_NOTE, MAX_PRICE_MICROS, PromptFields
from services.studio.prompts import MAX_TEMPLATE

router = APIRouter(prefix="/admin/prompts", tags=["staff"], route_class=IdempotentRoute)


class PromptBody(Body):
    """A new version. Its template may hold the placeholders that the version in force has."""

    operation: Annotated[str, Field(max_length=40, examples=["restyle"])]
    model: Annotated[str, Field(min_length=1, max_length=MAX_MODEL)]
    template: Annotated[str, Field(min_length=1, max_length=MAX_TEMPLATE)]
    price_micros: int | None = Field(
        default=None,
        ge=0,
        le=MAX_PRICE_MICROS,
        description="What a picture by this model costs, in millionths of a US dollar; not needed for one we know.",
    )
    note: str = Field(default="", max_length=MAX_NOTE)
    provider: str | None = Field(
        default=None, max_length=40, description="Who is asked; not needed to stay with the one in force."
    )


class Prompt(View):
    """One version. `preview` is what would be sent for the operation's own choices."""

    id: str
    object: Literal["prompt"] = "prompt"
    operation: str
    version: int
    in_force: bool
    provider: str
    model: str
    template: str
    price_micros: int
    note: str
    author: str
    created_at: Time | None
    preview: str


class PromptList(View):
    """All of them: versions are few."""

    data: list[Prompt]
    has_more: bool = False


@router.get("", summary="List prompt versions")
def list_prompts(actor: Admin) -> PromptList:
    """Every version, the newest first; version 0 is the one shipped."""
    return PromptList(data=[Prompt.model_validate(one) for one in prompts.list_prompts(actor)])


@router.post("", status_code=201, summary="Put a new prompt version in force")
def create_prompt(body: PromptBody, actor: Admin) -> Prompt:
    """From the next call on it is what is sent. For super_admin."""
    fields = PromptFields(body.model, body.template, body.price_micros, body.note, provider=body.provider)
    return Prompt.model_validate(prompts.new_version(actor, body.operation, fields))


@router.post("/{prompt_id}/rollback", status_code=201, summary="Go back to an earlier prompt version")
def roll_back_prompt(prompt_id: str, actor: Admin) -> Prompt:
    """Puts its content in force again, as a new version. 409 for the one in force. For super_admin."""
    return Prompt.model_validate(prompts.roll_back(actor, prompt_id))

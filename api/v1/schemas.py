"""What several routers share: their place, and models."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PlainSerializer, ValidationError

PREFIX = "/api/v1"
"""Where the API is mounted, so how its own addresses in answers begin."""


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(_rfc3339, return_type=str, when_used="json")]
"""A time on the wire: RFC 3339, UTC, ending in Z."""


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this time is out of range") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A time that a client sends, with its zone; in UTC from here on."""


class Body(BaseModel):
    """The base of request bodies: a field we do not know is an error, not silence."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    async def read(cls, request: Request) -> Self:
        """From a request that may also be something other than JSON; what is wrong is refused as FastAPI does it."""
        try:
            return cls.model_validate_json(await request.body())
        except ValidationError as error:
            found = error.errors(include_context=False, include_url=False)
            raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in found]) from error


class View(BaseModel):
    """The base of answers; made from the services' dataclasses with `Model.model_validate(view)`."""

    model_config = ConfigDict(from_attributes=True)


class Money(View):
    """An amount in minor units: `{"amount": 499, "currency": "usd"}` is $4.99."""

    amount: int
    currency: Literal["usd"] = "usd"

"""Where a page of a list goes on: after an item that this person has."""

import sqlalchemy as sa
from sqlmodel import Session, col

from db.models import Job, Payment, UserNotification
from services.accounts.actor import Actor
from services.errors import FieldError, Invalid


def require_own_cursor(
    session: Session, actor: Actor, model: type[Job | Payment | UserNotification], starting_after: str
) -> None:
    """Raise `Invalid` for an id that is nobody's or another person's: the rest of no list begins there."""
    own = sa.select(col(model.id)).where(col(model.id) == starting_after, col(model.user_id) == actor.id)
    if session.execute(own).first() is None:
        raise Invalid(errors=(FieldError("starting_after", "There is nothing of yours with this id."),))

"""Looking up a picture by its id, for its owner only."""

from sqlmodel import Session, col, select

from db.models import Asset
from services.accounts.actor import Actor
from services.errors import NotFound


def owned(session: Session, actor: Actor, asset_id: str) -> Asset:
    """The row, if it is this person's, also from the trash. Raises NotFound, also for another person's."""
    asset = session.exec(select(Asset).where(col(Asset.id) == asset_id, Asset.user_id == actor.id)).first()
    if asset is None:
        raise NotFound("We could not find that picture. It may have been deleted.")
    return asset

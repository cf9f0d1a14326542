"""What a batch made, as one ZIP."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from sqlmodel import col, select

import db
from db.models import Asset, Product
from services.accounts.actor import Actor
from services.batches.batches import owned_batch
from services.batches.naming import named
from services.errors import Conflict
from services.jobs.origins import jobs_of_in
from services.library.downloads import MAX_ARCHIVED, Archive, pack
from services.library.filenames import clean_filename, unused


def archive(actor: Actor, batch_id: str) -> Archive:
    """A ZIP of a batch's results in the order of its jobs, named by its rule; the doubtful ones too, without those
    deleted since.

    Raises NotFound, Conflict while there is no result or for more than fit, StorageUnavailable.
    """
    actor.require_scope("read")
    with db.snapshot() as session:
        batch = owned_batch(session, actor, batch_id)
        jobs = jobs_of_in(session, actor.id, batch_id).jobs
        results = [(number, id) for number, job in enumerate(jobs, 1) for id in job.result_asset_ids]
        living = select(Asset).where(
            col(Asset.id).in_([id for _, id in results]),
            col(Asset.user_id) == actor.id,
            col(Asset.deleted_at).is_(None),
        )
        found = {asset.id: asset for asset in session.scalars(living)}
        product_ids = {asset.product_id for asset in found.values() if asset.product_id is not None}
        rows = session.exec(select(Product.id, Product.sku).where(col(Product.id).in_(product_ids))).all()
    made = [(number, found[id]) for number, id in results if id in found]
    if not made:
        raise Conflict("This batch has made no picture yet.")
    if len(made) > MAX_ARCHIVED:
        raise Conflict(f"A ZIP holds up to {MAX_ARCHIVED} pictures.")
    return pack(list(_entries(batch.naming, made, dict(rows))), f"vitrine-{batch.created_at:%Y-%m-%d}-batch.zip")


def _entries(naming: str, made: Sequence[tuple[int, Asset]], skus: dict[str, str]) -> Iterator[tuple[str, Asset]]:
    taken: set[str] = set()
    for number, asset in made:
        stem = named(
            naming,
            name=PurePosixPath(asset.filename).stem,
            sku=skus.get(asset.product_id or "", ""),
            number=number,
        )
        filename = unused(clean_filename(stem.replace("/", "_").replace("\\", "_"), asset.content_type), taken)
        taken.add(filename.casefold())
        yield filename, asset

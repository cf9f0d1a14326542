"""Search, filters, order and pages of the gallery, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

import db
from db.models import Asset
from services.accounts.actor import Actor
from services.errors import Invalid
from services.library.assets import AssetFilters, list_assets

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def rows(actor: Actor, *overrides: dict[str, object]) -> list[str]:
    """One row each, without bytes, oldest first, a day apart; returns their ids."""
    made = []
    for number, changes in enumerate(overrides):
        values: dict[str, object] = {
            "user_id": actor.id,
            "filename": f"picture {number}.jpg",
            "content_type": "image/jpeg",
            "width": 100,
            "height": 80,
            "bytes": 1000,
            "sha256": f"{number:064x}",
            "storage_key": f"k/{number}.jpg",
            "thumb_key": "t.webp",
            "preview_key": "p.webp",
            "created_at": NOON + timedelta(days=number),
            **changes,
        }
        made.append(Asset(**values, name_key=str(values["filename"]).casefold()))
    with db.transaction() as session:
        session.connection().execute(sa.insert(Asset), [asset.model_dump() for asset in made])
    return [asset.id for asset in made]


def found(actor: Actor, **filters: object) -> list[str]:
    return [item.id for item in list_assets(actor, filters=AssetFilters(**filters)).items]  # type: ignore[arg-type]


def test_the_newest_comes_first_and_the_oldest_if_asked(owner: Actor) -> None:
    ids = rows(owner, {}, {}, {})

    assert [item.id for item in list_assets(owner).items] == ids[::-1]
    assert [item.id for item in list_assets(owner, sort="oldest").items] == ids


def test_favourites_and_names_make_orders_too(owner: Actor) -> None:
    ids = rows(owner, {"filename": "b.jpg", "is_favorite": True}, {"filename": "C.jpg"}, {"filename": "a.jpg"})

    assert [item.id for item in list_assets(owner, sort="favorites").items] == [ids[0], ids[2], ids[1]]
    assert [item.id for item in list_assets(owner, sort="name").items] == [ids[2], ids[0], ids[1]]


@pytest.mark.parametrize("sort", ["newest", "oldest", "favorites", "name"])
def test_a_cursor_walks_through_everything_once_in_any_order(owner: Actor, sort: str) -> None:
    rows(owner, *({"filename": f"{number % 3}.jpg", "is_favorite": number % 2 == 0} for number in range(11)))
    whole = [item.id for item in list_assets(owner, sort=sort, limit=100).items]  # type: ignore[arg-type]

    walked: list[str] = []
    while True:
        page = list_assets(owner, sort=sort, limit=3, starting_after=walked[-1] if walked else None)  # type: ignore[arg-type]
        walked += [item.id for item in page.items]
        assert page.total is None
        if not page.has_more:
            break

    assert walked == whole
    assert len(set(walked)) == 11


def test_a_page_knows_the_total(owner: Actor) -> None:
    ids = rows(owner, *({} for _ in range(7)))

    last = list_assets(owner, page=3, limit=3)

    assert ([item.id for item in last.items], last.has_more, last.total) == ([ids[0]], False, 7)
    assert list_assets(owner, page=9, limit=3).items == ()


def test_words_are_looked_for_in_names_whatever_their_case(owner: Actor) -> None:
    ids = rows(owner, {"filename": "Blaue TASSE grün.jpg"}, {"filename": "100%_wool.jpg"}, {"filename": "100 wool.jpg"})

    assert found(owner, q="tasse") == [ids[0]]
    assert found(owner, q="GRÜN blaue") == [ids[0]]
    assert found(owner, q="100%") == [ids[1]]
    assert found(owner, q="_") == [ids[1]]
    assert found(owner, q="'; DROP TABLE assets; --") == []
    assert len(found(owner, q="  ")) == 3


def test_every_filter_narrows(owner: Actor) -> None:
    ids = rows(
        owner,
        {"kind": "original"},
        {"kind": "result", "operations": "remove_background background", "job_id": "job_1"},
        {"kind": "result", "operations": "crop", "is_favorite": True, "product_id": "prd_1"},
        {"deleted_at": NOON},
    )

    assert found(owner, kind="result") == [ids[2], ids[1]]
    assert found(owner, operation="background") == [ids[1]]
    assert found(owner, operation="back") == []
    assert found(owner, favorite=True) == [ids[2]]
    assert found(owner, favorite=False) == [ids[1], ids[0]]
    assert found(owner, product_id="prd_1") == [ids[2]]
    assert found(owner, job_id="job_1") == [ids[1]]
    assert found(owner, trashed=True) == [ids[3]]
    assert found(owner, since=NOON + timedelta(days=1), until=NOON + timedelta(days=2)) == [ids[1]]
    assert list_assets(owner, filters=AssetFilters(kind="result", favorite=True), page=1).total == 1


def test_another_persons_pictures_are_never_listed(owner: Actor, make_person: Callable[[str], Actor]) -> None:
    rows(make_person("other@example.com"), {}, {})

    assert list_assets(owner, page=1).total == 0


@pytest.mark.parametrize("arguments", [{"sort": "random"}, {"limit": 0}, {"limit": 201}, {"page": 0}, {"page": 10**20}])
def test_impossible_pages_are_explained(sqlite_owner: Actor, arguments: dict[str, object]) -> None:
    with pytest.raises(Invalid) as caught:
        list_assets(sqlite_owner, **arguments)  # type: ignore[arg-type]

    assert caught.value.errors[0].field == next(iter(arguments))


@pytest.mark.parametrize("sort", ["newest", "oldest", "favorites", "name"])
def test_a_page_is_read_along_an_index_and_not_sorted(owner: Actor, sort: str) -> None:
    rows(owner, *({"filename": f"photo {number * 7919 % 2000}.jpg"} for number in range(2000)))
    with db.transaction() as session:
        session.connection().execute(sa.text("ANALYZE"))
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    sa.event.listen(db.engine(), "before_cursor_execute", note)
    page = list_assets(owner, sort=sort, limit=60)  # type: ignore[arg-type]
    sa.event.remove(db.engine(), "before_cursor_execute", note)

    statement, parameters = next(one for one in asked if "ORDER BY" in one[0])
    explain = "EXPLAIN QUERY PLAN " if db.engine().dialect.name == "sqlite" else "EXPLAIN "
    with db.snapshot() as session:
        plan = str(session.connection().exec_driver_sql(explain + statement, parameters).all())
    assert len(page.items) == 60
    assert not {step for step in ("TEMP B-TREE", "Sort", "Seq Scan") if step in plan}, plan

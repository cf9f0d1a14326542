"""Signed links: one picture, one variant, for a day or two, and nothing that a stranger could make."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

import config
import db
from config import Settings
from db import clock
from services.accounts.actor import Actor
from services.errors import NotFound
from services.library import assets, links
from tests.services.library.conftest import drawn, encoded


@pytest.fixture
def asset_id(sqlite_owner: Actor) -> str:
    return assets.upload(sqlite_owner, encoded(drawn()), "mug.jpg").id


def token(path: str) -> str:
    return path.removeprefix("/files/")


def test_a_link_opens_its_variant_and_no_other(sqlite_owner: Actor, asset_id: str) -> None:
    for variant in links.VARIANTS:
        file = links.resolve_link(token(links.signed_path(asset_id, variant)))

        content = assets.content(sqlite_owner, asset_id, variant)
        assert (file.read(), file.content_type, file.etag) == (content.data, content.content_type, content.etag)
    assert links.resolve_link(token(links.signed_path(asset_id, "thumb"))).filename == "mug.webp"


def test_a_link_stays_the_same_all_day(asset_id: str) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    clock.travel(midnight - datetime.now(UTC) + timedelta(seconds=2))
    morning = links.signed_path(asset_id, "thumb")
    clock.travel(midnight - datetime.now(UTC) + timedelta(hours=23, minutes=59))
    evening = links.signed_path(asset_id, "thumb")
    clock.travel(midnight - datetime.now(UTC) + timedelta(hours=24, minutes=1))

    assert morning == evening
    assert links.signed_path(asset_id, "thumb") != morning
    assert links.resolve_link(token(evening)).max_age > 23 * 3600


def test_a_link_expires(asset_id: str) -> None:
    path = links.signed_path(asset_id, "original")

    clock.travel(timedelta(hours=23))
    assert links.resolve_link(token(path)).max_age > 0
    clock.travel(timedelta(hours=49))
    with pytest.raises(NotFound, match="expired"):
        links.resolve_link(token(path))


def test_a_changed_link_is_refused(asset_id: str) -> None:
    good = token(links.signed_path(asset_id, "thumb"))
    asset, variant, day, signature = good.split(".")
    forged = [
        f"{asset}.o.{day}.{signature}",
        f"{asset}.td.{day}.{signature}",
        f"{asset}.{variant}.ffff.{signature}",
        f"ast_{'0' * 32}.{variant}.{day}.{signature}",
        f"{asset}.{variant}.{day}.{signature[:-2]}AA",
        f"{asset}.{variant}.{day}.",
        f"{asset}.{variant}.{day}",
        "",
        "....",
        "\u2603",
        "a" * 10_000,
    ]

    for one in forged:
        with pytest.raises(NotFound):
            links.resolve_link(one)


def test_a_link_of_another_secret_is_refused(asset_id: str) -> None:
    path = links.signed_path(asset_id, "thumb")
    config.configure(config.settings().model_copy(update={"secret_key": SecretStr("another secret of this shop")}))

    with pytest.raises(NotFound):
        links.resolve_link(token(path))


def test_a_link_to_a_deleted_picture_finds_nothing(sqlite_owner: Actor, asset_id: str) -> None:
    path = links.signed_path(asset_id, "thumb")
    assets.purge(sqlite_owner, asset_id)

    with pytest.raises(NotFound):
        links.resolve_link(token(path))


def test_a_download_link_says_so(asset_id: str) -> None:
    assert links.resolve_link(token(links.signed_path(asset_id, "original", download=True))).download
    assert not links.resolve_link(token(links.signed_path(asset_id, "original"))).download


def test_opening_a_link_asks_the_database_once(asset_id: str, vitrine_sqlite: Settings) -> None:
    import sqlalchemy as sa

    path = links.signed_path(asset_id, "thumb")
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    sa.event.listen(db.engine(), "before_cursor_execute", note)
    links.resolve_link(token(path))
    sa.event.remove(db.engine(), "before_cursor_execute", note)

    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1

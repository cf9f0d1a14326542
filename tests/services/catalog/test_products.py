"""Making, changing, archiving and finding products."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from services.accounts.actor import Actor
from services.catalog.fields import MAX_PRICE, ProductFields
from services.catalog.listing import ProductFilters, known_words, list_products
from services.catalog.owned import ProductArchived
from services.catalog.products import (
    SkuTaken,
    archive_product,
    create_product,
    get_product,
    restore_product,
    update_product,
)
from services.errors import Forbidden, Invalid, NotFound
from tests.services.catalog.conftest import product
from tests.support.job_pictures import shop_owner

MUG = ProductFields(
    sku="MUG-1", title="Blue mug", description="Holds tea.", category="Kitchen", tags=("Tea", "blue"), price=1999
)


def skus(actor: Actor, **asked: object) -> list[str]:
    return [one.sku for one in list_products(actor, **asked).items]  # type: ignore[arg-type]


def test_a_product_keeps_what_was_said_of_it(owner: Actor) -> None:
    made = create_product(owner, MUG)

    assert get_product(owner, made.id) == made
    assert (made.sku, made.title, made.description, made.category) == ("MUG-1", "Blue mug", "Holds tea.", "Kitchen")
    assert (made.tags, made.price, made.currency, made.status) == (("blue", "tea"), 1999, "usd", "draft")
    assert (made.main, made.picture_count) == (None, 0)


def test_an_sku_is_used_once_in_a_shop_however_it_is_written(owner: Actor) -> None:
    create_product(owner, replace(MUG, sku="Straße-Ä"))

    for same in ("straße-ä", " STRASSE-Ä ", "Strasse-A\u0308"):
        with pytest.raises(SkuTaken) as refused:
            create_product(owner, replace(MUG, sku=same, title="Another"))
        assert [error.field for error in refused.value.errors] == ["sku"]
        assert "“Blue mug”" in refused.value.message
    assert create_product(shop_owner("other@example.com"), replace(MUG, sku="Straße-Ä")).sku == "Straße-Ä"


def test_of_eight_who_take_an_sku_at_once_one_gets_it(owner: Actor) -> None:
    def one(number: int) -> str:
        try:
            return create_product(owner, replace(MUG, title=f"Mug {number}")).id
        except SkuTaken:
            return ""

    with ThreadPoolExecutor(8) as pool:
        made = [id for id in pool.map(one, range(8)) if id]

    assert len(made) == 1
    assert skus(owner) == ["MUG-1"]


def test_a_double_click_makes_one_product(owner: Actor) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: create_product(owner, MUG, key="click").id, range(4)))

    assert len(set(made)) == 1
    assert len(list_products(owner).items) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sku": " \n "}, "sku"),
        ({"sku": "x" * 65}, "sku"),
        ({"title": "\x00"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"description": "x" * 5001}, "description"),
        ({"category": "x" * 81}, "category"),
        ({"tags": tuple(str(number) for number in range(21))}, "tags"),
        ({"tags": ("x" * 41,)}, "tags"),
        ({"price": -1}, "price"),
        ({"price": MAX_PRICE + 1}, "price"),
        ({"status": "sold"}, "status"),
    ],
)
def test_what_cannot_be_is_refused_by_field(owner_sqlite: Actor, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_product(owner_sqlite, replace(MUG, **changes))  # type: ignore[arg-type]
    assert [error.field for error in refused.value.errors] == [field]
    assert list_products(owner_sqlite).items == ()


def test_stray_characters_and_doubled_tags_are_tidied(owner: Actor) -> None:
    made = create_product(
        owner,
        replace(MUG, sku=" a\x00b\ud800 ", title="Two\n  lines", description=" a \r\nb\x07 ", tags=("X", " x ", "")),
    )

    assert (made.sku, made.title, made.description, made.tags) == ("ab", "Two lines", "a\nb", ("x",))


def test_a_change_keeps_other_fields_and_can_remove_the_price(owner: Actor) -> None:
    made = create_product(owner, MUG)

    changed = update_product(owner, made.id, title="Green mug", tags=("green",), status="active")
    assert (changed.title, changed.tags, changed.status) == ("Green mug", ("green",), "active")
    assert (changed.sku, changed.description, changed.price) == ("MUG-1", "Holds tea.", 1999)
    assert changed.updated_at > made.updated_at
    assert update_product(owner, made.id, price=None).price is None
    assert update_product(owner, made.id, sku="mug-1").sku == "mug-1"  # its own SKU is no conflict
    assert get_product(owner, made.id).tags == ("green",)


def test_a_change_to_another_products_sku_is_refused_and_changes_nothing(owner: Actor) -> None:
    create_product(owner, MUG)
    other = product(owner, "CUP-1")
    with pytest.raises(SkuTaken):
        update_product(owner, other.id, sku="mug-1", title="Cup")
    assert get_product(owner, other.id) == other


def test_an_archived_product_rests_until_it_is_restored(owner: Actor) -> None:
    made = product(owner)
    assert archive_product(owner, made.id).status == "archived"
    assert archive_product(owner, made.id).status == "archived"

    with pytest.raises(ProductArchived):
        update_product(owner, made.id, title="Changed")
    with pytest.raises(SkuTaken) as refused:
        product(owner, "mug-1")
    assert "in the archive" in refused.value.message

    assert restore_product(owner, made.id).status == "draft"
    archive_product(owner, made.id)
    assert update_product(owner, made.id, status="active", title="Back").title == "Back"
    assert restore_product(owner, made.id).status == "active"


def test_another_persons_product_does_not_exist(owner: Actor) -> None:
    made = product(owner)
    other = shop_owner("other@example.com")
    for use in (get_product, archive_product, restore_product):
        with pytest.raises(NotFound):
            use(other, made.id)
    with pytest.raises(NotFound):
        update_product(other, made.id, title="Mine")
    with pytest.raises(Invalid):
        list_products(other, starting_after=made.id)
    assert list_products(other).items == ()
    assert get_product(owner, made.id) == made


def test_a_key_that_may_only_read_changes_nothing(owner_sqlite: Actor) -> None:
    made = product(owner_sqlite)
    reader = replace(owner_sqlite, scopes=frozenset({"read"}))
    assert get_product(reader, made.id) == made
    for use in (archive_product, restore_product):
        with pytest.raises(Forbidden):
            use(reader, made.id)
    with pytest.raises(Forbidden):
        create_product(reader, MUG)
    with pytest.raises(Forbidden):
        update_product(reader, made.id, title="x")


def test_products_are_found_by_word_category_tag_status_and_sku(owner: Actor) -> None:
    product(owner, "MUG-1", "Blue MÜG", category="Kitchen", tags=("Tea", "blue"))
    product(owner, "MUG-2", "Red mug 50% off", category="Kitchen", tags=("red",), status="active")
    product(owner, "VASE-1", "Blue vase", category="Living", status="archived")

    for filters, found in (
        (ProductFilters(q="blue"), ["VASE-1", "MUG-1"]),
        (ProductFilters(q="müg BLUE"), ["MUG-1"]),
        (ProductFilters(q="mug-"), ["MUG-2", "MUG-1"]),
        (ProductFilters(q="50%"), ["MUG-2"]),
        (ProductFilters(q="%"), ["MUG-2"]),
        (ProductFilters(category="Kitchen"), ["MUG-2", "MUG-1"]),
        (ProductFilters(tag="TEA"), ["MUG-1"]),
        (ProductFilters(sku="mug-2"), ["MUG-2"]),
        (ProductFilters(statuses=("draft", "active")), ["MUG-2", "MUG-1"]),
        (ProductFilters(category="Kitchen", tag="red", q="mug", statuses=("active",)), ["MUG-2"]),
        (ProductFilters(tag="nothing"), []),
    ):
        assert skus(owner, filters=filters) == found, filters
    assert known_words(owner).categories == ("Kitchen", "Living")
    assert known_words(owner).tags == ("blue", "red", "tea")


@pytest.mark.parametrize("sort", ["newest", "oldest", "title", "sku", "updated"])
def test_pages_and_cursors_go_through_every_product_once_in_the_same_order(owner: Actor, sort: str) -> None:
    for number, title in enumerate(("b", "A", "c", "a", "B")):
        product(owner, f"S{(number * 3) % 5}", title)
    update_product(owner, list_products(owner).items[3].id, description="changed")

    whole = skus(owner, sort=sort)
    by_pages = [sku for page in (1, 2, 3) for sku in skus(owner, sort=sort, page=page, limit=2)]
    by_cursor, last = [], None
    while True:
        some = list_products(owner, sort=sort, limit=2, starting_after=last)  # type: ignore[arg-type]
        by_cursor += [one.sku for one in some.items]
        if not some.has_more:
            break
        last = some.items[-1].id

    assert whole == by_pages == by_cursor
    assert len(set(whole)) == 5
    titles = [one.title.casefold() for one in list_products(owner, sort=sort).items]  # type: ignore[arg-type]
    expected = {
        "newest": ["b", "a", "c", "a", "b"],
        "oldest": ["b", "a", "c", "a", "b"],
        "title": ["a", "a", "b", "b", "c"],
        "sku": ["b", "c", "b", "a", "a"],
        "updated": ["a", "b", "a", "c", "b"],
    }
    assert titles == expected[sort]
    assert list_products(owner, page=1, limit=2).total == 5


@pytest.mark.parametrize(
    "asked",
    [
        {"sort": "price"},
        {"limit": 0},
        {"limit": 201},
        {"page": 0},
        {"page": 10**20},
        {"filters": ProductFilters(statuses=("sold",))},
    ],
)
def test_a_list_that_cannot_be_is_explained(owner_sqlite: Actor, asked: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        list_products(owner_sqlite, **asked)  # type: ignore[arg-type]

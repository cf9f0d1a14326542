"""Lists a page at a time: the page an address asks for, whatever somebody wrote there, and what is said of it."""

from types import SimpleNamespace

import pytest

from components.kit import paging
from components.kit.paging import Pages
from services.accounts.actor import Actor
from services.catalog.fields import ProductFields
from services.catalog.products import create_product
from tests.components.conftest import opened
from tests.support.job_pictures import picture

PICTURES = Pages("page", 60, "picture")


@pytest.mark.parametrize(
    ("written", "page"), [("3", 3), ("0", 1), ("-2", 1), ("²", 1), ("x", 1), ("", 1), ("9" * 20, 1), ("9" * 5000, 1)]
)
def test_an_address_with_an_odd_page_shows_the_first(monkeypatch: pytest.MonkeyPatch, written: str, page: int) -> None:
    monkeypatch.setattr(paging, "st", SimpleNamespace(session_state={}, query_params={"page": written}))
    assert PICTURES.chosen() == page


def test_the_range_of_a_page_is_told_only_where_there_are_several() -> None:
    assert PICTURES.words(1, 1) == "1 picture"
    assert PICTURES.words(1, 60) == "60 pictures"
    assert PICTURES.words(167, 10_000) == "9,961 to 10,000 of 10,000 pictures"


@pytest.mark.parametrize(
    ("screen", "query", "words"),
    [("shop/products", {"at": "7"}, "1 product"), ("shop/gallery", {"page": "7"}, "1 picture")],
)
def test_from_a_page_that_is_not_there_a_button_leads_to_the_first(
    owner: Actor, screen: str, query: dict[str, str], words: str
) -> None:
    create_product(owner, ProductFields(sku="MUG-1", title="Mug"))
    picture(owner)
    shown = opened(screen, **query).run()
    assert words not in [caption.value for caption in shown.caption]
    next(button for button in shown.button if button.label == "Go to the first page").click()
    assert words in [caption.value for caption in shown.run().caption]
    assert not shown.query_params.keys() & query.keys()

"""The page of a product: what its form saves, what its buttons bring back, and whose refusals it shows."""

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components.kit import job_progress
from components.products import photos as product_photos
from components.products import run
from components.products.session import ProductsSession
from components.shell.session import ShellSession
from services.accounts.actor import Actor
from services.catalog.fields import ProductFields
from services.catalog.pictures import add_pictures, product_pictures, update_picture
from services.catalog.products import archive_product, create_product, get_product, update_product
from services.catalog.views import ProductView
from services.credits.balances import balance
from services.jobs.cancellation import cancel_job
from services.jobs.origins import jobs_of
from services.jobs.submission import submit
from services.library.assets import restore_asset, trash_asset, upload
from tests.components.conftest import opened
from tests.support.job_pictures import FREE, picture, product_photo


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the products that the screen went to."""
    ids: list[str] = []

    def go(script: Any, query_params: dict[str, str]) -> None:
        ids.append(query_params["id"])

    monkeypatch.setattr(st, "switch_page", go)
    monkeypatch.setattr(st, "page_link", lambda *_, **__: None)
    return ids


def product(owner: Actor, sku: str = "MUG-1", **others: Any) -> ProductView:
    return create_product(owner, ProductFields(sku=sku, title="Mug", **others))


def press(screen: AppTest, label: str) -> AppTest:
    next(button for button in screen.button if button.label == label).click()
    return screen.run()


def waiting_toast(screen: AppTest) -> str:
    """What the shell would say once the screen is drawn."""
    session: ShellSession = screen.session_state["vt_session.components.shell.session.ShellSession"]
    return session.toast[0] if session.toast else ""


def leave_out(screen: AppTest, product_id: str, photo_id: str) -> None:
    session: ProductsSession = screen.session_state["vt_session.components.products.session.ProductsSession"]
    session.products[product_id].left_out = frozenset({photo_id})


def notices(screen: AppTest) -> str:
    return "".join(html.proto.body for html in screen.get("html"))


def test_saving_leaves_alone_what_was_changed_elsewhere_since_the_form_was_filled(
    owner: Actor, visited: list[str]
) -> None:
    mug = product(owner, tags=("tea", "blue"), price=1999)
    screen = opened("shop/product", id=mug.id).run()
    update_product(owner, mug.id, price=2499, status="active")

    screen.text_input(key=f"{mug.id}_0_title").input("Blue mug")
    press(screen, "Save")

    saved = get_product(owner, mug.id)
    assert (saved.title, saved.price, saved.status, saved.tags) == ("Blue mug", 2499, "active", ("blue", "tea"))
    assert screen.number_input(key=f"{mug.id}_1_price").value == 24.99  # filled anew
    screen.text_input(key=f"{mug.id}_1_title").input("Mug")
    press(screen, "Save")
    assert get_product(owner, mug.id).title == "Mug"


def test_a_category_that_is_too_long_is_refused_and_not_cut(owner: Actor, visited: list[str]) -> None:
    mug = product(owner)
    screen = opened("shop/product", id=mug.id).run()
    category = screen.selectbox(key=f"{mug.id}_0_category")
    category.options.append("x" * 81)  # the test's browser takes no new word unless it is among them
    category.set_value("x" * 81)
    press(screen, "Save")
    assert "up to 80 characters" in notices(screen)
    assert get_product(owner, mug.id).category == ""


def test_a_form_sent_twice_makes_one_product_and_a_new_form_another(owner: Actor, visited: list[str]) -> None:
    screen = opened("shop/product").run()
    for _ in range(2):
        screen.text_input(key="new_title").input("Mug")
        screen.text_input(key="new_sku").input("MUG-1")
        press(screen, "Create product")
    first, again = visited
    assert first == again

    screen.query_params["id"] = first
    screen.run()
    archive_product(owner, first)
    update_product(owner, first, sku="MUG-OLD", status="draft")
    del screen.query_params["id"]
    screen.run()
    screen.text_input(key="new_title").input("Mug")
    screen.text_input(key="new_sku").input("MUG-1")
    press(screen, "Create product")
    assert get_product(owner, visited[-1]).sku == "MUG-1"


def test_undo_puts_a_picture_back_where_it_was_and_waits_while_it_cannot(owner: Actor, visited: list[str]) -> None:
    mug = product(owner)
    photos = [picture(owner, seed=seed) for seed in range(3)]
    add_pictures(owner, mug.id, photos)
    update_picture(owner, mug.id, photos[1], is_main=True)
    screen = opened("shop/product", id=mug.id)
    screen.session_state["vt_trigger.product_pictures.remove"] = [[photos[1]]]
    screen.run()
    assert get_product(owner, mug.id).picture_count == 2

    trash_asset(owner, photos[1])
    press(screen, "Undo")
    restore_asset(owner, photos[1])
    press(screen, "Undo")

    assert [group.original.id for group in product_pictures(owner, mug.id) if group.original] == photos
    main = get_product(owner, mug.id).main
    assert main is not None
    assert main.id == photos[1]
    assert "Undo" not in [button.label for button in screen.button]


def test_what_one_product_refused_is_not_told_of_another(owner: Actor, visited: list[str]) -> None:
    mug, cup = product(owner), product(owner, "CUP-1")
    screen = opened("shop/product", id=mug.id)
    screen.session_state["vt_trigger.picture_tray.refused"] = [[f"huge-{number}.jpg" for number in range(25)]]
    assert "20 files were not added" in notices(screen.run())
    assert "huge-24.jpg" in notices(screen)

    screen.query_params["id"] = cup.id
    assert "were not added" not in notices(screen.run())
    screen.query_params["id"] = mug.id
    assert "20 files were not added" in notices(screen.run())


def test_a_double_click_makes_pictures_once_whichever_drawing_each_click_was_on(
    owner: Actor, visited: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mug = product(owner)
    add_pictures(owner, mug.id, [picture(owner, seed=seed) for seed in range(2)])
    drawn = run.price_button

    def clicked_twice(*told: Any, on_click: Callable[..., Any], args: Any, **more: Any) -> None:
        on_click(*args), on_click(*args)
        drawn(*told, on_click=on_click, args=args, **more)

    with monkeypatch.context() as once:
        once.setattr(run, "price_button", clicked_twice)
        screen = opened("shop/product", id=mug.id).run()
    assert not screen.exception
    assert (len(jobs_of(owner, mug.id).jobs), balance(owner).held) == (2, 2)

    screen.button(key="vt_make").click().run()
    assert (len(jobs_of(owner, mug.id).jobs), balance(owner).held) == (2, 2)
    assert notices(screen) == notices(screen.run())
    assert screen.button(key="vt_make").disabled
    assert "These pictures are being made." in [caption.value for caption in screen.caption]


def test_pictures_asked_for_over_the_api_are_shown_as_they_are_made(
    owner: Actor, visited: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mug, cup, shown = product(owner), product(owner, "CUP-1"), list[str]()
    ours, _ = (submit(owner, FREE, picture(owner), product_id=each.id) for each in (mug, cup))
    drawn = run.job_progress
    monkeypatch.setattr(
        run, "job_progress", lambda cards, *a, **b: shown.extend(card.id for card in cards) or drawn(cards, *a, **b)
    )
    screen = opened("shop/product", id=mug.id).run()
    assert not screen.exception
    assert shown == [ours.id]

    cancel_job(owner, ours.id)
    screen.run()
    assert shown == [ours.id, ours.id]  # seen here, and so shown until it is put away
    press(screen, "Done")
    shown.clear()
    assert not screen.run().exception
    assert shown == []


def test_pictures_of_another_marketplace_can_be_asked_for_meanwhile(owner: Actor, visited: list[str]) -> None:
    mug = product(owner)
    add_pictures(owner, mug.id, [picture(owner)])
    screen = opened("shop/product", id=mug.id).run()
    screen.button(key="vt_make").click().run()
    screen.selectbox(key="product_preset").select("ebay").run()
    screen.button(key="vt_make").click().run()
    assert len(jobs_of(owner, mug.id).jobs) == 2


def test_the_gallerys_pictures_are_offered_whatever_else_is_newer(
    owner: Actor, visited: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[str] = []
    monkeypatch.setattr(product_photos, "_OFFERED", 1)
    monkeypatch.setattr(product_photos, "picture_picker", lambda found, key: offered.extend(one.id for one in found))
    screen = opened("shop/product", id=product(owner).id).run()
    nothing = "Your gallery has no picture that is in no product yet. Close this and drop a new photo in."
    assert nothing in [words.value for words in press(screen, "Add from your gallery").markdown]

    photo = picture(owner)
    upload(owner, product_photo(), "logo.png", "logo")
    press(screen, "Add from your gallery")
    assert offered == [photo]


def test_what_another_tab_asked_for_meanwhile_is_not_made_again(owner: Actor, visited: list[str]) -> None:
    mug = product(owner)
    photos = [picture(owner, seed=seed) for seed in range(2)]
    add_pictures(owner, mug.id, photos[:1])
    one, other = (opened("shop/product", id=mug.id).run() for _ in range(2))
    one.button(key="vt_make").click().run()
    other.button(key="vt_make").click().run()
    assert (len(jobs_of(owner, mug.id).jobs), balance(owner).held) == (1, 1)
    assert waiting_toast(other) == "These pictures are being made already. Nothing is charged a second time."

    for job in jobs_of(owner, mug.id).jobs:
        cancel_job(owner, job.id)
    add_pictures(owner, mug.id, photos[1:])
    one.run(), other.run()
    leave_out(one, mug.id, photos[1])
    one.run().button(key="vt_make").click().run()
    other.button(key="vt_make").click().run()
    made = [job for job in jobs_of(owner, mug.id).jobs if not job.ended]
    assert sorted(job.input_asset_id for job in made) == sorted(photos)


def test_what_failed_stays_on_show_beside_what_is_asked_for_next_and_all_of_it_is_followed(
    owner: Actor, visited: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    epochs: list[object] = []
    monkeypatch.setattr(job_progress, "_progress", lambda data, **_: epochs.append(data["epoch"]))
    mug = product(owner)
    add_pictures(owner, mug.id, [picture(owner, seed=seed) for seed in range(2)])
    screen = opened("shop/product", id=mug.id).run()
    screen.button(key="vt_make").click().run()
    first, second = jobs_of(owner, mug.id).jobs
    cancel_job(owner, first.id)
    leave_out(screen, mug.id, second.input_asset_id)
    screen.selectbox(key="product_preset").select("ebay").run()
    before = epochs[-1]

    screen.button(key="vt_make").click().run()
    assert [button.key for button in screen.button if button.label.startswith("Try again")] == [
        f"product_retry_{first.id}"
    ]
    assert epochs[-1] != before
    press(screen, next(button.label for button in screen.button if button.label.startswith("Try again")))
    assert len(set(epochs)) == 3

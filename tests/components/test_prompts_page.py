"""The staff's prompts screen, drawn without a browser: what is typed is kept, and saved as what the person saw."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.shell import guard
from config import Settings
from db.models import Role
from services.accounts import registration
from services.accounts.actor import Actor
from services.staff import prompts
from services.staff.prompts import PromptFields
from services.studio.providers import registry
from tests.support import extension_sketch

PAGE = Path(__file__).parents[2] / "pages" / "admin" / "prompts.py"
WORDS = "Knit {style}, {size}.{wishes}"


@pytest.fixture
def chief(vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch) -> Actor:
    actor = registration.create_user("chief@example.com", "correct horse battery", role=Role.SUPER_ADMIN)
    monkeypatch.setattr(guard, "require_permission", lambda *_: actor)
    return actor


@pytest.fixture
def acme(vitrine_sqlite: Settings) -> Iterator[None]:
    """Another provider that can restyle, and one that cannot."""
    vendor = extension_sketch.PROVIDER
    registry.register(vendor)
    registry.register(
        replace(vendor, name="acme", title="Acme", models=r"acme-.+", operations=None, prices={"acme-edit-1": 20_000})
    )
    yield
    registry.reset(())


@pytest.fixture
def page(chief: Actor) -> AppTest:
    return AppTest.from_file(str(PAGE), default_timeout=30).run()


def labelled(elements: Iterable[Any], label: str) -> Any:
    (found,) = [one for one in elements if one.label == label]
    return found


def fill(page: AppTest, label: str, text: str | float) -> None:
    element = labelled([*page.text_area, *page.text_input, *page.number_input], label)
    element.set_value(text).run()
    assert not page.exception


def price(page: AppTest) -> float | None:
    """In dollars."""
    return labelled(page.number_input, "US dollars a picture").value  # type: ignore[no-any-return]


def put_in_force(page: AppTest) -> None:
    labelled(page.button, "Put in force").click().run()


def notices(page: AppTest) -> str:
    return " ".join(one.proto.body for one in page.get("html") if "vt-notice" in one.proto.body)


def test_the_price_follows_the_model_and_an_unknown_ones_has_to_be_said(page: AppTest, chief: Actor) -> None:
    assert price(page) == 0.039
    fill(page, "Model", "gemini-unheard-of")
    assert price(page) is None
    put_in_force(page)
    assert "say the price" in notices(page)
    assert len(prompts.list_prompts(chief)) == 1
    fill(page, "US dollars a picture", 0.134)
    put_in_force(page)
    newest = prompts.list_prompts(chief)[0]
    assert (newest.version, newest.model, newest.price_micros) == (1, "gemini-unheard-of", 134_000)
    fill(page, "Model", "gemini-2.5-flash-image")
    assert price(page) == 0.039


def test_another_provider_is_chosen_with_a_model_and_a_price_of_its_own(
    acme: None, page: AppTest, chief: Actor
) -> None:
    provider = labelled(page.selectbox, "Provider")
    assert provider.options == [
        "Acme (off: set VITRINE_QUEUED_API_KEY)",
        "Google Gemini (off: set VITRINE_GEMINI_API_KEY)",
    ]
    provider.select("acme").run()
    assert (labelled(page.text_input, "Model").value, price(page)) == ("acme-edit-1", 0.02)
    fill(page, "Model", "gemini-2.5-flash-image")
    fill(page, "US dollars a picture", 0.02)
    put_in_force(page)
    assert "Acme has no model of that name." in notices(page)
    fill(page, "Model", "acme-edit-1")
    put_in_force(page)
    newest = prompts.list_prompts(chief)[0]
    assert (newest.version, newest.provider, newest.model, newest.price_micros) == (1, "acme", "acme-edit-1", 20_000)
    assert labelled(page.selectbox, "Provider").value == "acme"


def test_words_that_cannot_be_sent_leave_the_rest_of_the_form_as_it_was(page: AppTest) -> None:
    fill(page, "What changes, and why", "Knitted")
    fill(page, "Words", "Knit {style}, {size}.")
    assert "Put {wishes} somewhere" in notices(page)
    assert labelled(page.button, "Put in force").disabled
    assert labelled(page.text_input, "What changes, and why").value == "Knitted"
    fill(page, "Words", WORDS)
    assert not labelled(page.button, "Put in force").disabled


def test_what_was_typed_does_not_replace_a_version_that_came_meanwhile(page: AppTest, chief: Actor) -> None:
    fill(page, "Words", WORDS)
    prompts.new_version(chief, "restyle", PromptFields("gemini-2.5-flash-image", "Sew {style}, {size}.{wishes}"))
    put_in_force(page)
    assert "Somebody else changed this prompt" in notices(page)
    assert labelled(page.text_area, "Words").value == WORDS
    assert prompts.list_prompts(chief)[0].version == 1
    labelled(page.button, "Start over from version 1").click().run()
    assert labelled(page.text_area, "Words").value == "Sew {style}, {size}.{wishes}"
    fill(page, "Words", WORDS)
    put_in_force(page)
    assert [one.template for one in prompts.list_prompts(chief)][:2] == [WORDS, "Sew {style}, {size}.{wishes}"]
    assert labelled(page.text_area, "Words").value == WORDS
    assert "Start over" not in str([one.label for one in page.button])

"""Who runs a step: what a recipe asks for, against what can run now."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

import config
from config import Settings
from services import credits
from services.jobs import submission
from services.studio import engines
from services.studio.operations import registry
from services.studio.operations.contract import AiWork, EngineChoice, Operation, Params
from services.studio.pricing import quote, quote_now
from services.studio.providers.errors import ProviderNotConfigured
from services.studio.providers.gemini import GeminiSettings
from services.studio.recipes import asks_provider, legs, parse_recipe
from tests.support.job_pictures import picture, shop_owner


class DustParams(Params):
    engine: EngineChoice = "auto"


class Dust(Operation[DustParams]):
    id, title, summary, stage, credits = "dust", "Dust", "Removes dust.", "Dusting", 2
    params = DustParams
    engines = ("ai", "on_device")
    ai = AiWork(provider="gemini", model="gemini-m", price_micros=1, template="Remove the dust.")


@pytest.fixture
def dust(vitrine_sqlite: Settings) -> Iterator[None]:
    """An operation that a provider does best and this machine can do too."""
    registry.register(Dust())
    yield
    registry.reset(())


def recipe(op: str, engine: str | None = None) -> Any:
    return parse_recipe({"steps": [{"op": op, "params": {} if engine is None else {"engine": engine}}]})


def switch_on(settings: Settings) -> None:
    config.configure(settings.model_copy(update={"providers": (GeminiSettings(api_key=SecretStr("a-key")),)}))


@pytest.mark.usefixtures("dust")
def test_auto_is_the_best_engine_that_can_run_now(vitrine_sqlite: Settings) -> None:
    auto = recipe("dust")
    assert quote_now(auto).lines[0].engine == "on_device"
    assert not legs(engines.settled(auto))[0].by_provider

    switch_on(vitrine_sqlite)

    assert (quote_now(auto).lines[0].engine, quote_now(auto).credits_each) == ("ai", 2)
    settled = engines.settled(auto)
    assert legs(settled)[0].by_provider and asks_provider(settled.canonical())
    assert parse_recipe(settled.canonical()) == settled


@pytest.mark.usefixtures("dust")
def test_on_device_never_asks_a_provider(vitrine_sqlite: Settings) -> None:
    switch_on(vitrine_sqlite)
    settled = engines.settled(recipe("dust", "on_device"))
    assert [leg.by_provider for leg in legs(settled)] == [False]
    assert not asks_provider(settled.canonical())
    assert quote(settled).lines[0].engine == "on_device"


@pytest.mark.usefixtures("dust")
def test_ai_without_its_provider_names_the_setting(vitrine_sqlite: Settings) -> None:
    with pytest.raises(ProviderNotConfigured, match="VITRINE_GEMINI_API_KEY"):
        quote_now(recipe("dust", "ai"))


@pytest.mark.parametrize("op", ["remove_background", "background"])
def test_ai_that_no_provider_offers_says_so(op: str, vitrine_sqlite: Settings) -> None:
    switch_on(vitrine_sqlite)
    with pytest.raises(ProviderNotConfigured, match="by AI is not available"):
        quote_now(recipe(op, "ai"))


def test_an_operation_with_one_engine_is_stored_as_it_was_asked_for(vitrine_sqlite: Settings) -> None:
    asked = recipe("remove_background")
    assert engines.settled(asked) == asked
    assert asked.canonical()["steps"][0]["params"] == {"engine": "auto"}


def test_work_for_an_engine_that_is_not_there_sets_no_credits_aside(vitrine_sqlite: Settings) -> None:
    owner = shop_owner()
    photo = picture(owner)
    before = credits.balance(owner)
    with pytest.raises(ProviderNotConfigured):
        submission.submit(owner, recipe("remove_background", "ai"), photo)
    assert credits.balance(owner) == before

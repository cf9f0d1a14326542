"""Choosing what to make: picture cards, and the few options of the card that is chosen."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from components.kit.kept import Kept
from components.kit.params_form import Pictures
from components.kit.parts import parts
from components.kit.session import session_of
from components.recipes.choices import (
    AS_BEFORE,
    BACKGROUND,
    CUT_OUT,
    EDIT,
    TWO_SHOTS,
    build_recipe,
    operation_cards,
    read_recipe,
)
from components.recipes.options import CardOptions, price_words
from services.studio.marketplaces import PRESETS
from services.studio.pricing import quote
from services.studio.recipes import InvalidRecipe, Recipe, parse_recipe, worked_on

_cards = st.components.v2.component("vitrine_recipe_cards", **parts("recipes/recipe_cards"))

_FIRST = ((CUT_OUT, "Cut-out", {"kind": "clear", "color": "#ffffff", "fill": 0.85}),)
_LAST = (
    (BACKGROUND, "Own background", {"color": "#e8d3c4", "to": "#b9c7d3", "fill": 0.7, "shadow": "contact"}),
    (EDIT, "Crop and adjust", {"kind": "edit", "color": "#e9e6e1", "fill": 0.6}),
)
_OPTIONS = "vt_options"
_OPERATION = {"kind": "enhance", "color": "#efe9e2", "fill": 0.72}
_ART = {TWO_SHOTS: {"kind": "pair", "color": "#f4f4f2", "fill": 0.72}}


@dataclass
class Variation:
    """A card that is set to the recipe of a picture made earlier, for as long as the draft is not sent or given up. The
    card "As before" repeats `steps`, those of a recipe that no card can show. `before` is the card chosen before."""

    choice: str
    before: str
    key: str
    options: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, Any] | None = None
    kept: Kept = field(default_factory=Kept)


@dataclass
class RecipeSession:
    """The card that is chosen, what the person set on each card, and the variation on one of them, if any. `variations`
    counts how many there were, since widgets that are to be reset need new keys."""

    choice: str = "amazon_main"
    kept: Kept = field(default_factory=Kept)
    variation: Variation | None = None
    variations: int = 0

    def card(self) -> str:
        """The card to show as chosen: the first for "As before" where no variation offers that any more."""
        offered = self.variation is not None and self.variation.steps is not None
        return self.choice if self.choice != AS_BEFORE or offered else RecipeSession.choice

    def options(self, pictures: Pictures) -> CardOptions:
        """The options of that card."""
        card, varied = self.card(), self.variation
        if varied and varied.choice == card:
            return CardOptions(card, varied.options, varied.key, varied.kept, pictures)
        return CardOptions(card, {}, _OPTIONS, self.kept, pictures)


def recipe_form(prices: dict[str, int], pictures: Pictures) -> Recipe | None:
    """Show the cards and options; the recipe they make, or None while nothing is asked for yet or something is missing.
    `pictures` are what an option that names a picture may choose from."""
    session = session_of(RecipeSession)
    card, steps = session.card(), session.variation.steps if session.variation else None
    data = {"choice": card, "groups": tuple(_groups(prices, steps))}
    _cards(data=data, key="recipe_cards", on_choice_change=_choose)
    if card != AS_BEFORE:
        session.options(pictures).draw(prices)
    if session.options(pictures).lacks_photos:
        return None
    try:
        recipe = _recipe(session, pictures)
    except InvalidRecipe as error:
        st.caption(" ".join(one.message for one in error.errors))
        return None
    if card == AS_BEFORE and recipe:
        st.caption("The same steps again: " + ", ".join(line.title for line in quote(recipe, prices).lines) + ".")
    return recipe


def chosen_recipe(pictures: Pictures) -> Recipe | None:
    """The recipe that the form makes at this moment: also of what was changed just before the button was pressed."""
    try:
        return _recipe(session_of(RecipeSession), pictures)
    except InvalidRecipe:
        return None


def what_lacks(recipe: Recipe | None, pictures: Pictures) -> str:
    """Why there is nothing to make of these pictures yet, in a sentence; nothing where there is something."""
    session = session_of(RecipeSession)
    if not pictures.named:
        return ""
    if session.options(pictures).lacks_photos:
        return "Add the other photo and the price shows here."
    if recipe and session.card() == TWO_SHOTS and len(worked_on(recipe, pictures.ids)) > 1:
        return "This takes two photos of one product: remove the others."
    return "" if recipe else "Choose what to change and the price shows here."


def choose_two_shots(onto: str | None) -> None:
    """Set the form, before it is drawn, to the card for two photos of one product, put on that marketplace's frame."""
    end_variation()
    session = session_of(RecipeSession)
    session.choice = TWO_SHOTS
    session.kept.values[f"{_OPTIONS}.{TWO_SHOTS}.onto"] = onto or "Keep"


def vary(recipe: object) -> None:
    """Set the form to a recipe before it is drawn: on the card that can show it, else as steps to repeat."""
    end_variation()
    session = session_of(RecipeSession)
    session.variations += 1
    key = f"vt_variation.{session.variations}"
    if card := read_recipe(recipe):
        session.variation = Variation(card.choice, session.choice, key, card.options)
    else:
        session.variation = Variation(AS_BEFORE, session.choice, key, steps=parse_recipe(recipe).canonical())
    session.choice = session.variation.choice


def end_variation() -> None:
    """Put the form back to what the person had chosen and set herself."""
    session = session_of(RecipeSession)
    if session.variation and session.variation.choice == session.choice:
        session.choice = session.variation.before
    session.variation = None


def _recipe(session: RecipeSession, pictures: Pictures) -> Recipe | None:
    card, varied = session.card(), session.variation
    if card == AS_BEFORE and varied:
        return parse_recipe(varied.steps)
    return build_recipe(card, session.options(pictures).now())


def _choose() -> None:
    choice = getattr(st.session_state["recipe_cards"], "choice", None)
    if choice:
        session_of(RecipeSession).choice = str(choice)


def _groups(prices: dict[str, int], before: dict[str, Any] | None) -> list[dict[str, Any]]:
    shops = [
        _card(preset.id, preset.title, prices, width=preset.size[0], height=preset.size[1], color=preset.color,
              fill=preset.fill, shadow=preset.shadow)
        for preset in PRESETS.values()
    ]  # fmt: skip
    own = [(one.id, one.title, _ART.get(one.id, _OPERATION)) for one in operation_cards()]
    others = [_card(id, title, prices, **art) for id, title, art in (*_FIRST, *own, *_LAST)]
    groups = [{"title": "Ready for", "cards": shops}, {"title": "Or just", "cards": others}]
    if before is not None:
        again = {
            "id": AS_BEFORE,
            "title": "As before",
            "price": price_words(quote(parse_recipe(before), prices).credits_each),
            "art": {"kind": "", "color": "#ffffff", "fill": 0.75, "width": 4, "height": 3, "shadow": "none"},
        }
        groups.insert(0, {"title": "Your own steps", "cards": [again]})
    return groups


def _card(id: str, title: str, prices: dict[str, int], **art: Any) -> dict[str, Any]:
    try:
        recipe = build_recipe(id, {})
        price = price_words(quote(recipe, prices).credits_each) if recipe else "free"
    except InvalidRecipe:  # an operation with a parameter that has no default
        price = price_words(prices[id])
    drawn = {"kind": "", "width": 4, "height": 3, "shadow": "none", **art}
    return {"id": id, "title": title, "price": price, "art": drawn}

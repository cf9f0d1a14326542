"""A finished picture held against every rule of a marketplace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from services.studio.marketplaces.presets import PRESETS
from services.studio.marketplaces.regions import Box
from services.studio.marketplaces.rule import Finished, Pixels, Product, Rule, Sold, Source, in_force


@dataclass(frozen=True)
class RuleResult:
    """The outcome of one rule.

    passed: None where it could not be told. places: where, in pixels of the picture. fix: a sentence, and `fix_step`
    the part of a recipe that does it, where one can; None when passed. in_force_from: the day of a rule that has one.
    coming: whether that day is still to come, so that the rule does not count yet.
    """

    rule: str
    passed: bool | None
    detail: str
    fix: str | None
    title: str
    fix_step: Mapping[str, Any] | None
    source: Source
    places: tuple[Box, ...] = ()
    in_force_from: date | None = None
    coming: bool = False

    @property
    def failed(self) -> bool:
        """Whether the marketplace may refuse the picture for it today."""
        return self.passed is False and not self.coming


def check(
    pixels: Pixels,
    content_type: str,
    n_bytes: int,
    preset: str,
    *,
    product: Product | None = None,
    sold: Sold = "one",
    on: date | None = None,
) -> tuple[RuleResult, ...]:
    """Hold a finished picture (H×W×3 or 4, uint8 sRGB, as decoded from its file) against the rules of a preset.

    product: where the product stands, if the caller knows; otherwise it is told from the ground. sold: what the picture
    sells. on: the day whose rules count, today (UTC) if not given; what comes later is measured and marked as coming.
    Raises KeyError for an unknown preset.
    """
    finished = Finished(pixels, content_type, n_bytes, product, sold)
    day = on or datetime.now(UTC).date()
    return tuple(_result(rule, finished, preset, coming) for rule, coming in in_force(PRESETS[preset].rules, day))


def _result(rule: Rule, finished: Finished, preset: str, coming: bool) -> RuleResult:
    found = rule.measure(finished)
    fix: str | None = None
    step: Mapping[str, Any] | None = None
    if found.holds is False:
        fix = rule.fix.format(card=PRESETS[preset].title)
        step = _fix_step(rule, preset, finished.sold)
    return RuleResult(
        rule.id,
        found.holds,
        found.detail,
        fix,
        rule.title,
        step,
        rule.source,
        () if found.holds else found.places,
        rule.in_force_from,
        coming,
    )


def _fix_step(rule: Rule, preset: str, sold: Sold) -> Mapping[str, Any] | None:
    if rule.id == "format":
        return {"output": {"format": "jpeg"}}
    if rule.fix_params is None:
        return None
    kept = {"sold": sold} if sold != "one" else {}
    return {"op": "background", "params": {"preset": preset, **kept, **rule.fix_params}}

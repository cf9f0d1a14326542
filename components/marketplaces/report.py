"""How a picture stands with a marketplace, rule by rule, and how sure the cut-out is, in plain words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape
from typing import Any

import streamlit as st

from components.kit.counts import counted
from components.marketplaces.marked_picture import Box, Picture, marked_picture
from services.studio.marketplaces import PRESETS, RuleResult
from services.studio.touching_up import is_touched_up

DECIDES_CHARGE = "cutout_confidence"
"""The check that a result may fail and still be shown, uncharged."""


@dataclass(frozen=True)
class RuleLine:
    """One rule on the page: what it asks, whether the picture meets it (None where that cannot be told), what was
    measured and where, and what mends it. `coming_from` is the day of a rule that does not bind yet."""

    title: str
    passed: bool | None
    detail: str
    fix: str | None = None
    fix_step: Mapping[str, Any] | None = None
    source: str = ""
    read_on: str = ""
    official: bool = True
    places: tuple[Box, ...] = ()
    coming_from: date | None = None

    @property
    def failed(self) -> bool:
        return self.passed is False and self.coming_from is None


def stored_rules(rules: Sequence[Mapping[str, Any]]) -> tuple[RuleLine, ...]:
    """The rules as kept with a result (`details["marketplace"]["rules"]`); one that was coming then may bind by now."""
    today = datetime.now(UTC).date()
    return tuple(
        RuleLine(
            title=rule["title"],
            passed=rule["passed"],
            detail=rule["detail"],
            fix=rule["fix"],
            fix_step=rule["fix_step"],
            source=rule["source"]["url"],
            read_on=rule["source"]["read_on"],
            official=rule["source"]["official"],
            places=tuple((place[0], place[1], place[2], place[3]) for place in rule["places"]),
            coming_from=_coming(rule["in_force_from"], today),
        )
        for rule in rules
    )


def measured_rules(results: Iterable[RuleResult]) -> tuple[RuleLine, ...]:
    """The rules as measured just now."""
    return tuple(
        RuleLine(
            title=rule.title,
            passed=rule.passed,
            detail=rule.detail,
            fix=rule.fix,
            fix_step=rule.fix_step,
            source=rule.source.url,
            read_on=rule.source.read_on.isoformat(),
            official=rule.source.official,
            places=rule.places,
            coming_from=rule.in_force_from if rule.coming else None,
        )
        for rule in results
    )


def verdict(rules: Sequence[RuleLine]) -> str:
    """`Passes all 5 rules` or `1 of 5 rules fails`, with how many could not be told."""
    binding = [rule for rule in rules if rule.coming_from is None]
    failed = sum(rule.failed for rule in binding)
    unknown = sum(rule.passed is None for rule in binding)
    rest = f", {unknown} not checked" if unknown else ""
    if failed:
        return f"{failed} of {len(binding)} rules {'fails' if failed == 1 else 'fail'}{rest}"
    passed = len(binding) - unknown
    return f"Passes {'' if unknown else 'all '}{counted(passed, 'rule')}{rest}"


def marketplace_report(
    preset: str, rules: Sequence[RuleLine], picture: Picture, *, key: str
) -> Mapping[str, Any] | None:
    """Every rule with pass or fail, the places of what fails marked on the picture; returns the step that mends a
    failed one when its button is pressed."""
    title = PRESETS[preset].title if preset in PRESETS else preset
    number, numbers, places = 0, dict[int, int](), list[tuple[int, Box]]()
    for index, rule in enumerate(rules):
        if rule.failed and rule.places:
            number += 1
            numbers[index] = number
            places += [(number, place) for place in rule.places]
    lines = "".join(_line(rule, numbers.get(index)) for index, rule in enumerate(rules))
    st.html(
        f'<h2 class="vt-rules-title">{escape(title)}: {escape(verdict(rules))}</h2>'
        f'{marked_picture(picture, places)}<ul class="vt-rules">{lines}</ul>'
    )
    for index, rule in enumerate(rules):
        if rule.failed and rule.fix_step and st.button(f"Fix: {rule.title}", key=f"{key}_fix_{index}"):
            return rule.fix_step
    return None


def went_uncharged(details: Mapping[str, Any]) -> bool:
    """Whether doubt about the cut-out made a result free of charge."""
    return any(check["name"] == DECIDES_CHARGE and not check["passed"] for check in details.get("checks", ()))


def certainty(details: Mapping[str, Any]) -> None:
    """How sure the cut-out is and what to look at, from a result's details; says when doubt made it free of charge."""
    confidence, doubts = details.get("confidence"), details.get("doubts", ())
    if confidence is None and not doubts:
        return
    if is_touched_up(details.get("recipe", {})):
        st.html('<div class="vt-certainty vt-certainty-good"><p>You touched up the outline by hand.</p></div>')
        return
    uncharged = went_uncharged(details)
    words = "" if confidence is None else _how_sure(confidence)
    words += " That is not enough for us to charge for it." if uncharged else ""
    lines = "".join(f"<li>{escape(doubt)}</li>" for doubt in doubts)
    unsure = uncharged or (confidence is not None and confidence < 0.9)
    advice = "<p>Slide across the picture and look at the edges.</p>" if unsure else ""
    kind = "doubt" if doubts or uncharged else "good"
    st.html(f'<div class="vt-certainty vt-certainty-{kind}"><p>{words}</p><ul>{lines}</ul>{advice}</div>')


def _how_sure(confidence: float) -> str:
    """In per cent, unless so few that the number would only puzzle."""
    if confidence < 0.3:
        return "We are not sure of the outline."
    return f"We are {min(confidence, 0.99):.0%} sure of the outline."


def _coming(in_force_from: str | None, today: date) -> date | None:
    day = None if in_force_from is None else date.fromisoformat(in_force_from)
    return day if day is not None and day > today else None


def _line(rule: RuleLine, number: int | None) -> str:
    word, mark = _state(rule)
    fix = f'<span class="vt-rule-fix">{escape(rule.fix)}</span>' if rule.fix else ""
    when = f'<span class="vt-rule-when">Binds from {_day(rule.coming_from)}.</span>' if rule.coming_from else ""
    place = f' <span class="vt-place">Place {number}</span>' if number else ""
    return (
        f'<li class="vt-rule vt-rule-{word.lower().replace(" ", "-")}">'
        f'<span class="vt-rule-mark" aria-hidden="true">{mark}</span>'
        f'<span><span class="vt-unseen">{word}: </span><strong>{escape(rule.title)}{place}</strong>{when}'
        f"<span>{escape(rule.detail)}{_source(rule)}</span>{fix}</span></li>"
    )


def _state(rule: RuleLine) -> tuple[str, str]:
    """What a rule's mark says, and the mark."""
    if rule.coming_from is not None:
        return "Coming", "…"
    if rule.passed is None:
        return "Not checked", "–"
    return ("Passed", "✓") if rule.passed else ("Failed", "✕")


def _source(rule: RuleLine) -> str:
    if not rule.source:
        return ""
    label = "Source" if rule.official else "Source (a guide)"
    read = f", read on {_day(date.fromisoformat(rule.read_on))}" if rule.read_on else ""
    return f' <a href="{escape(rule.source)}" target="_blank" rel="noopener noreferrer">{label}</a>{read}'


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"

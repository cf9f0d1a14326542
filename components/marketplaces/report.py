"""How a picture stands with a marketplace, rule by rule, and how sure the cut-out is, in plain words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from services.studio.marketplaces import PRESETS, RuleResult

DECIDES_CHARGE = "cutout_confidence"
"""The check that a result may fail and still be shown, uncharged."""


@dataclass(frozen=True)
class RuleLine:
    """One rule on the page: what it asks, whether the picture meets it, what was measured, and what mends it."""

    title: str
    passed: bool
    detail: str
    fix: str | None = None
    fix_step: Mapping[str, Any] | None = None
    source: str = ""
    official: bool = True


def stored_rules(rules: Sequence[Mapping[str, Any]]) -> tuple[RuleLine, ...]:
    """The rules as kept with a result (`details["marketplace"]["rules"]`)."""
    return tuple(
        RuleLine(
            title=rule["title"],
            passed=rule["passed"],
            detail=rule["detail"],
            fix=rule["fix"],
            fix_step=rule["fix_step"],
            source=(rule["source"] or {}).get("url", ""),
            official=(rule["source"] or {}).get("official", True),
        )
        for rule in rules
    )


def measured_rules(results: Sequence[RuleResult]) -> tuple[RuleLine, ...]:
    """The rules as measured just now."""
    return tuple(
        RuleLine(
            title=rule.title,
            passed=rule.passed,
            detail=rule.detail,
            fix=rule.fix,
            fix_step=rule.fix_step,
            source=rule.source.url if rule.source else "",
            official=rule.source.official if rule.source else True,
        )
        for rule in results
    )


def verdict(rules: Sequence[RuleLine]) -> str:
    """`Passes all 5 rules` or `1 of 5 rules fails`."""
    failed = sum(not rule.passed for rule in rules)
    if not failed:
        return f"Passes all {len(rules)} rules"
    return f"{failed} of {len(rules)} rules {'fails' if failed == 1 else 'fail'}"


def marketplace_report(preset: str, rules: Sequence[RuleLine], *, key: str) -> Mapping[str, Any] | None:
    """Every rule with pass or fail; returns the step that mends a failed one when its button is pressed."""
    title = PRESETS[preset].title if preset in PRESETS else preset
    st.html(
        f'<h2 class="vt-rules-title">{escape(title)}: {escape(verdict(rules))}</h2>'
        f'<ul class="vt-rules">{"".join(_line(rule) for rule in rules)}</ul>'
    )
    for number, rule in enumerate(rules):
        if not rule.passed and rule.fix_step and st.button(f"Fix: {rule.title}", key=f"{key}_fix_{number}"):
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


def _line(rule: RuleLine) -> str:
    word, mark = ("Passed", "✓") if rule.passed else ("Failed", "✕")
    fix = f'<span class="vt-rule-fix">{escape(rule.fix)}</span>' if rule.fix else ""
    label = "Source" if rule.official else "Source (a guide)"
    source = (
        f' <a href="{escape(rule.source)}" target="_blank" rel="noopener noreferrer">{label}</a>' if rule.source else ""
    )
    return (
        f'<li class="vt-rule vt-rule-{word.lower()}"><span class="vt-rule-mark" aria-hidden="true">{mark}</span>'
        f'<span><span class="vt-unseen">{word}: </span><strong>{escape(rule.title)}</strong>'
        f"<span>{escape(rule.detail)}{source}</span>{fix}</span></li>"
    )

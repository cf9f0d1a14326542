"""The figures shown to staff: each with its title, its unit and how it is computed from the metrics of a period."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Protocol

from services.insights.metrics import BY_NAME


class Unit(StrEnum):
    """What a figure's integer counts. `SHARE` is in thousandths, `MICROS` in millionths of a US dollar."""

    COUNT = auto()
    CREDITS = auto()
    CENTS = auto()
    MICROS = auto()
    MILLISECONDS = auto()
    SHARE = auto()


class Group(StrEnum):
    """Figures that belong together, in the order they are shown."""

    ACTIVITY = "People and jobs"
    CREDITS = "Credits"
    MONEY = "Money"


class Totals(Protocol):
    """The metrics of one period, folded as their definitions say."""

    def total(self, metric: str, dimension: str | None = None) -> int:
        """The sum over the period, of one dimension or all; or the number of accounts, or the level at its end."""

    def spread(self, metric: str) -> Mapping[int, int]:
        """How many jobs had each size."""


@dataclass(frozen=True)
class Shown:
    """One figure. `value` is None where there is none: no median without a job. `note` says what is counted and
    on which day; who may see it follows from the metrics it `needs`."""

    name: str
    title: str
    group: Group
    unit: Unit
    needs: tuple[str, ...]
    value: Callable[[Totals], int | None]
    note: str


def percentile(spread: Mapping[int, int], percent: int) -> int | None:
    """The nearest-rank percentile: the smallest size that at least `percent` in 100 do not exceed."""
    rank = -(-sum(spread.values()) * percent // 100)
    for size in sorted(spread):
        rank -= spread[size]
        if rank <= 0:
            return size
    return None


def _sum_of(metric: str) -> Callable[[Totals], int | None]:
    return lambda totals: totals.total(metric)


def _percentile_of(metric: str, percent: int) -> Callable[[Totals], int | None]:
    return lambda totals: percentile(totals.spread(metric), percent)


def _success(totals: Totals) -> int | None:
    return share(totals.total("jobs", "succeeded"), totals.total("jobs", "failed"))


def _revenue(totals: Totals) -> int:
    return totals.total("paid") - totals.total("taken_back")


def _margin(totals: Totals) -> int:
    return _revenue(totals) * MICROS_PER_CENT - totals.total("provider_cost")


MICROS_PER_CENT = 10_000
NOBODY_PAID = "Test checkout: no money was taken"


def share(good: int, bad: int) -> int | None:
    """The share of `good` in both, in thousandths, rounded half up; None if both are 0."""
    return (good * 2000 + good + bad) // (2 * (good + bad)) if good + bad else None


SHOWN = (
    Shown("sign_ups", "Sign-ups", Group.ACTIVITY, Unit.COUNT, ("sign_ups",), _sum_of("sign_ups"), "Accounts created."),
    Shown(
        "active_shops",
        "Active shops",
        Group.ACTIVITY,
        Unit.COUNT,
        ("active_shops",),
        _sum_of("active_shops"),
        "Different accounts that started a job. Somebody active on several days counts once.",
    ),
    Shown(
        "jobs",
        "Jobs",
        Group.ACTIVITY,
        Unit.COUNT,
        ("jobs",),
        _sum_of("jobs"),
        "Jobs started in the period, whatever their state now.",
    ),
    Shown(
        "success",
        "Success",
        Group.ACTIVITY,
        Unit.SHARE,
        ("jobs",),
        _success,
        "Of the jobs that succeeded or failed, those that succeeded. Cancelled and unfinished ones are left out.",
    ),
    Shown(
        "run_median",
        "Duration, median",
        Group.ACTIVITY,
        Unit.MILLISECONDS,
        ("run_time",),
        _percentile_of("run_time", 50),
        "From the first start to the end of jobs that succeeded, to two digits: half took no longer.",
    ),
    Shown(
        "run_p95",
        "Duration, p95",
        Group.ACTIVITY,
        Unit.MILLISECONDS,
        ("run_time",),
        _percentile_of("run_time", 95),
        "From the first start to the end of jobs that succeeded, to two digits: 95 of 100 took no longer.",
    ),
    Shown(
        "wait_median",
        "Wait, median",
        Group.ACTIVITY,
        Unit.MILLISECONDS,
        ("wait_time",),
        _percentile_of("wait_time", 50),
        "From queued to started, of jobs that succeeded, to two digits: half waited no longer.",
    ),
    Shown(
        "wait_p95",
        "Wait, p95",
        Group.ACTIVITY,
        Unit.MILLISECONDS,
        ("wait_time",),
        _percentile_of("wait_time", 95),
        "From queued to started, of jobs that succeeded, to two digits: 95 of 100 waited no longer.",
    ),
    Shown(
        "credits_granted",
        "Credits granted",
        Group.CREDITS,
        Unit.CREDITS,
        ("credits_granted",),
        _sum_of("credits_granted"),
        "Given or sold, minus what staff, refunds and disputes took back.",
    ),
    Shown(
        "credits_spent",
        "Credits spent",
        Group.CREDITS,
        Unit.CREDITS,
        ("credits_spent",),
        _sum_of("credits_spent"),
        "Charged for pictures, minus what was given back.",
    ),
    Shown(
        "credits_lapsed",
        "Credits lapsed",
        Group.CREDITS,
        Unit.CREDITS,
        ("credits_lapsed",),
        _sum_of("credits_lapsed"),
        "Free credits that were not used in time.",
    ),
    Shown(
        "credits_outstanding",
        "Credits outstanding",
        Group.CREDITS,
        Unit.CREDITS,
        ("credits_outstanding",),
        _sum_of("credits_outstanding"),
        "What all accounts together can still spend or have on hold at the end of the period.",
    ),
    Shown(
        "revenue",
        "Revenue",
        Group.MONEY,
        Unit.CENTS,
        ("paid", "taken_back"),
        _revenue,
        "What the payments of the period are worth now: a refund or dispute lowers the day of its payment. Payments of "
        "the test checkout count only where there is no other.",
    ),
    Shown(
        "payments",
        "Payments",
        Group.MONEY,
        Unit.COUNT,
        ("payments",),
        _sum_of("payments"),
        "Purchases paid in the period, also those refunded since.",
    ),
    Shown(
        "taken_back",
        "Refunds and disputes",
        Group.MONEY,
        Unit.CENTS,
        ("taken_back",),
        _sum_of("taken_back"),
        "What was refunded, or is withheld by a bank, of the payments of the period.",
    ),
    Shown(
        "provider_cost",
        "Provider cost",
        Group.MONEY,
        Unit.MICROS,
        ("provider_cost",),
        _sum_of("provider_cost"),
        "The cost of the calls of the period, answered or refused; one whose outcome is not known counts its price.",
    ),
    Shown(
        "margin",
        "Margin",
        Group.MONEY,
        Unit.MICROS,
        ("paid", "taken_back", "provider_cost"),
        _margin,
        "Revenue minus provider cost.",
    ),
)

assert all(name in BY_NAME for shown in SHOWN for name in shown.needs)

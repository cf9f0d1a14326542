"""Every figure that staff are shown is what pandas finds in the raw rows; the roll-ups keep up with every change."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

import config
import db
from config import Settings
from db import clock
from db.models import DailyFigure, Job, JobStatus, Payment, Role, User
from services.accounts.actor import Actor
from services.errors import Forbidden, Invalid
from services.insights import ranges, rollup
from services.insights.export import report_csv
from services.insights.ranges import DayRange
from services.insights.report import Report, report
from tests.services.insights import raw_rows

STAFF = Actor(id="usr_staff", email="", name="", role=Role.SUPER_ADMIN, tier="free")
FIRST = date(2026, 3, 1)
DAYS = 24


def stored() -> dict[tuple[date, str, str], int]:
    with db.snapshot() as session:
        rows = session.scalars(sa.select(DailyFigure)).all()
        return {(row.day, row.metric, row.dimension): row.value for row in rows}


def assert_true(shown: Report, raw: raw_rows.Raw | None = None) -> None:
    raw = raw or raw_rows.read()
    since, until = shown.range.since, shown.range.until
    before = shown.range.before
    assert {figure.shown.name: figure.value for figure in shown.figures} == raw_rows.figures(raw, since, until)
    assert {figure.shown.name: figure.before for figure in shown.figures} == raw_rows.figures(
        raw, before.since, before.until
    )
    by_outcome = shown.by_day("jobs").stack()
    assert {key: value for key, value in by_outcome.items() if value} == raw_rows.jobs_by_outcome(raw, since, until)
    assert _parts(shown, "operations") == raw_rows.jobs_by_operation(raw, since, until)
    assert _parts(shown, "provider_cost") == raw_rows.cost_by_model(raw, since, until)
    assert _parts(shown, "provider_calls") == raw_rows.calls_by_model_and_status(raw, since, until)
    for metric, by_offer in raw_rows.by_offer(raw, since, until).items():
        assert _parts(shown, metric) == by_offer, metric
    granted = {key: value for (key,), value in _parts(shown, "credits_granted").items()}
    assert granted == {k: v for k, v in raw_rows.granted_by_source(raw, since, until).items() if v}
    for metric, by_day in raw_rows.by_day(raw, since, until).items():
        daily = shown.by_day_total(metric)
        assert list(daily.index) == shown.range.dates
        assert {day: n for day, n in daily.items() if n} == by_day, metric
    outstanding = shown.by_day_total("credits_outstanding")
    assert dict(outstanding) == {day: raw_rows.outstanding(raw, day) for day in outstanding.index}


def _parts(shown: Report, metric: str) -> dict[tuple[str, ...], int]:
    return {part.split: part.value for part in shown.parts(metric) if part.value}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 8))])
def test_every_figure_is_what_pandas_finds_in_random_raw_rows(vitrine: Settings, seed: int) -> None:
    raw_rows.write_random_rows(seed, FIRST, DAYS)
    rollup.rebuild()
    raw = raw_rows.read()
    for first, days in ((0, 1), (3, 7), (12, 12), (5, 1), (-40, 30), (23, 1), (0, DAYS)):
        since = FIRST + timedelta(days=first)
        assert_true(report(STAFF, DayRange(since, since + timedelta(days=days - 1))), raw)
    with_keys = vitrine.model_copy(update={"stripe_api_key": SecretStr("sk_test_x")})
    config.configure(with_keys)  # from now on only real payments count, in the past too, without a rebuild
    assert_true(report(STAFF, DayRange(FIRST, FIRST + timedelta(days=4))), raw)


@pytest.mark.usefixtures("vitrine_sqlite")
def test_test_payments_are_marked_and_left_out_once_there_are_real_ones(vitrine_sqlite: Settings) -> None:
    at = db.now()
    with db.transaction() as session:
        for gateway in ("test", "stripe"):
            session.add(
                Payment(
                    user_id=_person(), offer="pack_200", credits=200, amount=1499 if gateway == "test" else 499,
                    gateway=gateway, status="succeeded", paid_at=at,
                )
            )  # fmt: skip
    shown = report(STAFF, ranges.last(1))
    assert (_figure(shown, "revenue"), shown.is_test) == (1499, True)
    assert "no money was taken" in report_csv(shown)
    assert "pack_200 / test" in report_csv(shown)
    config.configure(vitrine_sqlite.model_copy(update={"stripe_api_key": SecretStr("sk_test_x")}))
    shown = report(STAFF, ranges.last(1))
    assert (_figure(shown, "revenue"), shown.is_test) == (499, False)
    assert "test" not in report_csv(shown)


@pytest.mark.usefixtures("vitrine")
def test_figures_kept_while_rows_come_and_change_equal_a_rebuild() -> None:
    today = clock.now().date()
    rollup.keep()
    for seed in range(3):
        raw_rows.write_random_rows(seed, today - timedelta(days=DAYS - 1), DAYS)
        _let_everything_be_seen()
        rollup.keep()
        _change_some_rows()
        rollup.keep()
    kept = stored()
    assert kept
    rollup.rebuild()
    assert stored() == kept


def _let_everything_be_seen() -> None:
    """Rows written into the past bear old times; what happens in earnest bears the present."""
    with db.transaction() as session:
        session.execute(sa.delete(DailyFigure))
    rollup.rebuild()


def _change_some_rows() -> None:
    """What services do to rows of days long gone, by the statements they use."""
    with db.transaction() as session:
        payments = session.scalars(sa.select(Payment).where(Payment.paid_at.is_not(None))).all()  # type: ignore[union-attr]
        for payment in payments[:3]:
            payment.amount_refunded = payment.amount
        jobs = session.scalars(sa.select(Job).where(Job.status == JobStatus.FAILED)).all()
        for job in jobs[:3]:
            job.status, job.queued_at, job.started_at, job.finished_at = JobStatus.QUEUED, db.now(), None, None
        session.execute(
            sa.update(Job)
            .where(Job.status == JobStatus.RUNNING)
            .values(status=JobStatus.CANCELLED, finished_at=db.now())  # type: ignore[arg-type]
        )


@pytest.mark.usefixtures("vitrine")
def test_a_refund_of_last_months_payment_reaches_its_day() -> None:
    person, paid_at = _person(), db.now() - timedelta(days=31)
    with db.transaction() as session:
        payment = Payment(
            user_id=person, offer="pack_200", credits=200, amount=1499, gateway="test", status="succeeded",
            paid_at=paid_at, created_at=paid_at, updated_at=paid_at,
        )  # fmt: skip
        session.add(payment)
    rollup.rebuild()
    clock.travel(timedelta(hours=2))
    rollup.keep()  # once more all that was written shortly before the last time
    assert rollup.keep() == 0
    with db.transaction() as session:
        session.execute(sa.update(Payment).values(amount_refunded=500))
    assert rollup.keep() == 1
    day = DayRange(paid_at.date(), paid_at.date())
    assert _figure(report(STAFF, day), "revenue") == 999
    assert _figure(report(STAFF, ranges.last(7)), "taken_back") == 0


@pytest.mark.usefixtures("vitrine")
def test_somebody_active_on_many_days_is_one_active_shop() -> None:
    person = _person()
    with db.transaction() as session:
        for ago in range(7):
            at = db.now() - timedelta(days=ago)
            session.add(Job(user_id=person, priority=1, recipe={}, input_asset_id="ast_1", created_at=at, queued_at=at))
    rollup.rebuild()
    shown = report(STAFF, ranges.last(7))
    assert _figure(shown, "active_shops") == 1
    assert list(shown.by_day_total("active_shops")) == [1] * 7


@pytest.mark.usefixtures("vitrine")
def test_what_happened_a_moment_ago_is_in_the_report() -> None:
    report(STAFF, ranges.last(1))
    _person()
    assert _figure(report(STAFF, ranges.last(1)), "sign_ups") == 1


@pytest.mark.usefixtures("vitrine_sqlite")
def test_only_days_that_changed_are_computed_again() -> None:
    raw_rows.write_random_rows(1, FIRST, DAYS)
    assert rollup.keep() >= 20
    clock.travel(timedelta(hours=2))
    rollup.keep()  # once more all that was written shortly before the last time
    assert rollup.keep() == 0
    _person()
    assert rollup.keep() == 1


@pytest.mark.parametrize(
    ("role", "sees", "not_sees"),
    [
        (Role.SUPPORT_ADMIN, {"sign_ups", "active_shops", "jobs", "run_p95", "credits_spent"}, {"revenue", "margin"}),
        (Role.FINANCE_ADMIN, {"revenue", "margin", "provider_cost", "credits_spent"}, {"sign_ups", "jobs", "run_p95"}),
        (Role.SUPER_ADMIN, {"sign_ups", "jobs", "revenue", "margin", "credits_spent"}, set()),
    ],
)
@pytest.mark.usefixtures("vitrine_sqlite")
def test_each_role_sees_its_own_figures_and_no_others(role: Role, sees: set[str], not_sees: set[str]) -> None:
    raw_rows.write_random_rows(2, clock.now().date() - timedelta(days=6), 7)
    actor = Actor(id="usr_x", email="", name="", role=role, tier="free")
    shown = report(actor, ranges.last(7))
    names = {figure.shown.name for figure in shown.figures}
    assert sees <= names
    assert not names & not_sees
    written = report_csv(shown)
    titles = {figure.shown.title for figure in report(STAFF, ranges.last(7)).figures if figure.shown.name in not_sees}
    assert not [title for title in titles if title in written]
    assert shown.has("paid") == (role != Role.SUPPORT_ADMIN)
    if not shown.has("paid"):
        assert not shown.by_day_total("paid").sum()


@pytest.mark.usefixtures("vitrine_sqlite")
def test_a_shop_owner_and_a_key_without_the_scope_are_refused() -> None:
    owner = Actor(id="usr_x", email="", name="", role=Role.USER, tier="paid")
    key = Actor(id="usr_x", email="", name="", role=Role.SUPER_ADMIN, tier="free", scopes=frozenset({"read"}))
    for actor in (owner, key):
        with pytest.raises(Forbidden):
            report(actor, ranges.last(7))


@pytest.mark.usefixtures("vitrine_sqlite")
def test_an_installation_where_nothing_ever_happened_has_a_report_of_zeros() -> None:
    shown = report(STAFF, ranges.last(30))
    assert_true(shown)
    assert _figure(shown, "success") is None
    assert report_csv(shown)


def test_a_range_ends_where_it_should_and_the_one_before_touches_it() -> None:
    chosen = ranges.between(date(2026, 3, 1), date(2026, 3, 7))
    assert (chosen.days, chosen.before) == (7, DayRange(date(2026, 2, 22), date(2026, 2, 28)))
    backwards, too_long = (date(2026, 3, 2), date(2026, 3, 1)), (date(2020, 1, 1), date(2026, 1, 1))
    for since, until in (backwards, too_long, (date.min, date.min), (date(1, 1, 2), date(1, 1, 3))):
        with pytest.raises(Invalid):
            ranges.between(since, until)
    assert ranges.between(date(1, 1, 3), date(1, 1, 4)).before.since == date.min
    assert ranges.between(date.max, date.max).days == 1


def _figure(shown: Report, name: str) -> int | None:
    return next(figure.value for figure in shown.figures if figure.shown.name == name)


def _person(at: Callable[[], datetime] = db.now) -> str:
    person = User(id=db.new_id("usr"), email="", email_key=db.new_id("key"), password_hash="", created_at=at())
    with db.transaction() as session:
        session.add(person)
    return person.id

"""A small demo world: its books are true, its figures too, and it is the same wherever it is made."""

import io
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

import config
import db
from config import Settings
from db import clock
from db.models import Asset, AssetKind, CreditHold, Job, JobStatus, Payment, Product, Role, User
from services.accounts import registration, sessions
from services.accounts.actor import Actor
from services.catalog.listing import list_products
from services.credits import ledger
from services.credits.verify import verify_ledger
from services.demo import past
from services.demo import seed as demo
from services.demo.shops import Shop
from services.demo.stock import Stock
from services.demo.world import World
from services.errors import Conflict
from services.insights import rollup
from services.insights.ranges import DayRange
from services.insights.report import report
from services.jobs.settlement import Outcome
from services.library import storage
from services.library.gallery import AssetFilters, list_assets
from services.studio import provenance
from tests.services.insights import raw_rows
from tests.services.insights.test_figures import assert_true, stored

STAFF = Actor(id="usr_x", email="", name="", role=Role.SUPER_ADMIN, tier="free")
NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
SMALL, LARGE = (9, 3, 1), (16, 6, 1)
_TIMED = {"run_median", "run_p95", "wait_median", "wait_p95"}  # real milliseconds pass between two readings of a clock
_seen: dict[tuple[int, int, int], object] = {}


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("database_url", "size"),
    [
        ("postgresql", SMALL),
        pytest.param("postgresql", LARGE, marks=pytest.mark.soak),
        pytest.param("sqlite", LARGE, marks=pytest.mark.soak),
    ],
    indirect=["database_url"],
)
@pytest.mark.usefixtures("vitrine")
def test_the_demo_world_keeps_true_books_and_true_figures(
    size: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    days, others, earlier = size
    clock.travel(NOON - datetime.now(UTC))
    _keep_figures_every_midnight(monkeypatch)
    assert demo.seed(days=days, others=others, earlier=earlier) is True
    assert demo.seed(days=days, others=others, earlier=earlier) is False
    assert abs(db.now() - NOON) < timedelta(minutes=10)

    assert verify_ledger() == []
    _holds_belong_to_live_jobs()
    kept = stored()
    rollup.rebuild()
    assert stored() == kept

    raw = raw_rows.read()
    whole = DayRange(NOON.date() - timedelta(days=days), NOON.date())
    for chosen in (whole, DayRange(NOON.date() - timedelta(days=6), NOON.date()), DayRange(NOON.date(), NOON.date())):
        assert_true(report(STAFF, chosen), raw)
    figures = {figure.shown.name: figure.value for figure in report(STAFF, whole).figures}
    assert figures["sign_ups"] == others + 4
    assert all(figures[name] for name in ("jobs", "revenue", "credits_spent", "credits_lapsed", "provider_cost"))
    world = {name: value for name, value in figures.items() if name not in _TIMED}
    assert _seen.setdefault(size, world) == world
    _the_demo_shop_has_something_to_show(earlier)
    _restyled_pictures_are_drawn_and_say_so()


def test_the_demo_is_refused_where_others_have_accounts_and_in_production(vitrine_sqlite: Settings) -> None:
    config.configure(vitrine_sqlite.model_copy(update={"env": "production"}))
    with pytest.raises(Conflict, match="not for production"):
        demo.seed()
    assert _emails() == []
    config.configure(vitrine_sqlite)
    registration.create_user("anna@example.org", "correct horse battery")
    with pytest.raises(Conflict, match="accounts of its own"):
        demo.seed()
    assert _emails() == ["anna@example.org"]


def test_a_demo_that_was_interrupted_is_not_taken_for_one(
    vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "_past_of", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        demo.seed(others=0)
    with pytest.raises(Conflict, match=f"not finished. Delete its data .{vitrine_sqlite.data_dir}"):
        demo.seed(others=0)


def test_nobody_works_before_they_have_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[datetime] = []

    def noted(*given: Any) -> datetime:
        worked.append(given[5])
        return given[5]  # type: ignore[no-any-return]

    monkeypatch.setattr(past, "worked", noted)
    midnight, joined = NOON - timedelta(hours=12), NOON + timedelta(hours=9)
    shop = Shop("", "", 0, 1.0, 1.0, False, STAFF, joined, [("prd_x", "ast_x", 0)])
    stock = Stock((), ({"enhance": Outcome(1)},), (Outcome(1),))
    for number in range(20):
        World(NOON + timedelta(days=1), stock, "", random.Random(number))._work(shop, midnight, 0)
    assert len(worked) >= 20 and min(worked) > joined


def _emails() -> list[str]:
    with db.snapshot() as session:
        return list(session.scalars(sa.select(User.email)).all())  # type: ignore[call-overload]


def _keep_figures_every_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a worker would have while the world lived; then the seed's own rebuild has nothing left to do."""
    lapse_due = ledger.lapse_due

    def and_keep(at: datetime) -> int:
        lapsed = lapse_due(at)
        rollup.keep()
        return lapsed

    monkeypatch.setattr(ledger, "lapse_due", and_keep)
    monkeypatch.setattr(demo, "bring_figures_up_to_date", rollup.keep)


def _holds_belong_to_live_jobs() -> None:
    with db.snapshot() as session:
        held = session.scalars(sa.select(CreditHold.job_id).where(CreditHold.state == "held")).all()  # type: ignore[arg-type, call-overload]
        live = session.scalars(sa.select(Job.id).where(Job.status == JobStatus.QUEUED)).all()  # type: ignore[arg-type, call-overload]
    assert sorted(held) == sorted(live)
    assert len(live) == 6


def _restyled_pictures_are_drawn_and_say_so() -> None:
    with db.snapshot() as session:
        found = session.scalars(sa.select(Asset).where(Asset.kind == AssetKind.RESULT)).all()  # type: ignore[arg-type]
    restyled = [asset for asset in found if asset.operations == "restyle"]
    others = [asset for asset in found if asset.operations != "restyle"]
    assert {asset.digital_source_type for asset in restyled} == {provenance.AI_EDITED}
    assert {asset.digital_source_type for asset in others} == {None}
    assert not {asset.storage_key for asset in restyled} & {asset.storage_key for asset in others}
    with Image.open(io.BytesIO(storage.current().get(restyled[0].storage_key))) as image:
        assert image.size == (900, 1125)
        assert provenance.AI_EDITED.encode() in image.info["xmp"]


def _the_demo_shop_has_something_to_show(earlier: int) -> None:
    login = demo.LOGINS[0]
    actor = sessions.sign_in(login.email, login.password, address="test").actor
    assert len(list_assets(actor, filters=AssetFilters(kind="original")).items) == 6 + earlier
    assert len(list_assets(actor, filters=AssetFilters(kind="result")).items) >= 1
    assert len(list_products(actor).items) == 6 + earlier
    with db.snapshot() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Product)) > 18
        assert session.scalar(sa.select(sa.func.count()).select_from(Payment)) > 0
        roles = set(session.scalars(sa.select(User.role)).all())  # type: ignore[call-overload]
    assert roles == {"user", "support_admin", "finance_admin", "super_admin"}

"""The ledger against a model a child could check, in sequences of movements that hypothesis makes up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import col, select

from db import now, snapshot, transaction
from db.models import CreditAccount, CreditLot
from services import credits
from services.credits import InsufficientCredits, ledger, verify_ledger
from services.errors import Conflict
from tests.support.credit_accounts import later, open_person, queue_job

AMOUNTS = st.integers(1, 15)
Ask = Callable[..., str]


@dataclass
class ModelLot:
    """Credits that came together: some left, some inside holds."""

    left: int
    lapses_at: datetime | None
    born: int
    bought: bool = False


@dataclass
class ModelHold:
    """A hold and what it took from each lot."""

    id: str
    amount: int
    parts: list[tuple[ModelLot, int]]
    state: str = "held"
    captured: int = 0
    refunded: int = 0


@dataclass
class Model:
    """One account: no double entry, only lots, holds and a debt."""

    lots: list[ModelLot] = field(default_factory=list)
    holds: list[ModelHold] = field(default_factory=list)
    debt: int = 0
    daily: str = ""

    @property
    def available(self) -> int:
        return sum(lot.left for lot in self.lots) - self.debt

    @property
    def held(self) -> int:
        return sum(hold.amount for hold in self.holds if hold.state == "held")

    def in_order(self) -> list[ModelLot]:
        never = datetime.max.replace(tzinfo=now().tzinfo)
        return sorted(self.lots, key=lambda lot: (lot.lapses_at or never, lot.born))

    def add(self, amount: int, lapses_at: datetime | None = None, bought: bool = False) -> None:
        paid = min(amount, self.debt)
        self.debt -= paid
        self.lots.append(ModelLot(amount - paid, lapses_at, len(self.lots), bought))

    def touch(self, at: datetime) -> None:
        for lot in self.lots:
            if lot.lapses_at is not None and lot.lapses_at <= at:
                lot.left = 0
        if self.daily < at.date().isoformat():
            self.daily = at.date().isoformat()
            midnight = (at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            self.add(3, midnight)

    def take(self, amount: int, bought_first: bool = False) -> list[tuple[ModelLot, int]]:
        parts = []
        for lot in sorted(self.in_order(), key=lambda lot: bought_first and not lot.bought):
            taken = min(lot.left, amount)
            lot.left -= taken
            amount -= taken
            if taken:
                parts.append((lot, taken))
        self.debt += amount
        return parts

    def settle(self, hold: ModelHold, charged: int, at: datetime) -> None:
        spent = charged
        for lot, amount in hold.parts:
            rest = amount - min(spent, amount)
            spent -= amount - rest
            if lot.lapses_at is None or lot.lapses_at > at:
                paid = min(rest, self.debt)
                self.debt -= paid
                lot.left += rest - paid


class LedgerMachine(RuleBasedStateMachine):
    """Movements on one fresh account, each done to the ledger and to the model."""

    @initialize()
    def open(self) -> None:
        later()
        self.hours = 0
        self.keys = 0
        self.repeats: list[tuple[str, int, Ask]] = []  # first outcome, amount, and how to ask for that movement again
        self.person = open_person()
        self.model = Model()
        self.model.add(10)

    def _key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    @rule(amount=AMOUNTS, lapses_in_days=st.one_of(st.none(), st.integers(1, 3)), bought=st.booleans())
    def grant(self, amount: int, lapses_in_days: int | None, bought: bool) -> None:
        key, lapses_at = self._key(), None
        if lapses_in_days is not None:
            # the clock moves on by whole hours and the moments in between: none of those is just when it lapses
            lapses_at = now().replace(minute=30) + timedelta(days=lapses_in_days)

        source = ledger.PURCHASE if bought else "bonus"

        def ask(asked: int = amount) -> str:
            with transaction() as session:
                return ledger.grant(
                    session, self.person.id, asked, source=source, key=key, actor="system", lapses_at=lapses_at
                )

        self.model.add(amount, lapses_at, bought)
        self.repeats.append((ask(), amount, ask))

    @rule(amount=st.integers(0, 20))
    def hold(self, amount: int) -> None:
        key, job_id = self._key(), queue_job(self.person.id)

        def ask(asked: int = amount) -> str:
            with transaction() as session:
                return ledger.hold(session, self.person.id, asked, key=key, job_id=job_id, actor="system")

        self.model.touch(now())
        if amount > max(self.model.available, 0):
            with pytest.raises(InsufficientCredits):
                ask()
            credits.balance(self.person)  # what the hold granted on the way was rolled back with it
            return
        hold_id = ask()
        self.model.holds.append(ModelHold(hold_id, amount, self.model.take(amount)))
        self.repeats.append((hold_id, amount, ask))

    def _pick(self, states: tuple[str, ...], data: st.DataObject) -> ModelHold:
        return data.draw(st.sampled_from([hold for hold in self.model.holds if hold.state in states]))

    @precondition(lambda self: self.model.held or any(hold.state == "held" for hold in self.model.holds))
    @rule(data=st.data())
    def capture(self, data: st.DataObject) -> None:
        hold = self._pick(("held",), data)
        amount = data.draw(st.one_of(st.none(), st.integers(0, hold.amount)))
        with transaction() as session:
            charged = ledger.capture(session, hold.id, amount)
        assert charged == (hold.amount if amount is None else amount)
        self.model.settle(hold, charged, now())
        hold.state, hold.captured = "captured", charged

    @precondition(lambda self: any(hold.state == "held" for hold in self.model.holds))
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        hold = self._pick(("held",), data)
        with transaction() as session:
            assert ledger.release(session, hold.id) == hold.amount
        self.model.settle(hold, 0, now())
        hold.state = "released"

    @precondition(lambda self: any(hold.state == "held" for hold in self.model.holds))
    @rule()
    def release_all(self) -> None:
        held = [hold for hold in self.model.holds if hold.state == "held"]
        with transaction() as session:
            ledger.release_all(session, self.person.id, [hold.id for hold in held], actor="owner")
        for hold in held:
            self.model.settle(hold, 0, now())
            hold.state = "released"

    @precondition(lambda self: any(hold.state != "held" for hold in self.model.holds))
    @rule(data=st.data())
    def settle_again(self, data: st.DataObject) -> None:
        hold = self._pick(("captured", "released"), data)
        with transaction() as session:
            if hold.state == "captured":
                assert ledger.capture(session, hold.id) == hold.captured
                with pytest.raises(Conflict):
                    ledger.release(session, hold.id)
            else:
                assert ledger.release(session, hold.id) == hold.amount
                with pytest.raises(Conflict):
                    ledger.capture(session, hold.id)

    @precondition(lambda self: any(hold.state == "captured" for hold in self.model.holds))
    @rule(data=st.data(), amount=st.integers(1, 8))
    def refund(self, data: st.DataObject, amount: int) -> None:
        hold, key = self._pick(("captured",), data), self._key()

        def ask(asked: int = amount) -> str:
            with transaction() as session:
                return ledger.refund(session, hold.id, asked, key=key, actor="staff", reason="Poor result")

        if amount > hold.captured - hold.refunded:
            with pytest.raises(Conflict):
                ask()
            return
        self.repeats.append((ask(), amount, ask))
        hold.refunded += amount
        self.model.add(amount)

    @rule(amount=st.integers(-15, 15).filter(bool), payment_id=st.sampled_from([None, "pay_1"]))
    def adjust(self, amount: int, payment_id: str | None) -> None:
        key, of_payment = self._key(), payment_id is not None

        def ask(asked: int = amount) -> str:
            with transaction() as session:
                return ledger.adjust(
                    session, self.person.id, asked, key=key, actor="staff", reason="Goodwill", payment_id=payment_id
                ).id

        if amount > 0:
            self.model.add(amount, bought=of_payment)
        else:
            self.model.touch(now())
            self.model.take(-amount, bought_first=of_payment)
        self.repeats.append((ask(), amount, ask))

    @rule(hours=st.integers(1, 40))
    def travel(self, hours: int) -> None:
        self.hours += hours
        later(timedelta(hours=self.hours))

    @rule()
    def sweep(self) -> None:
        ledger.lapse_due(now())
        for lot in self.model.lots:
            if lot.lapses_at is not None and lot.lapses_at <= now():
                lot.left = 0

    @precondition(lambda self: self.repeats)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        first, amount, ask = data.draw(st.sampled_from(self.repeats))
        self.model.touch(now())
        credits.balance(self.person)
        assert ask() == first
        with pytest.raises(Conflict):
            ask(amount + 100)

    @rule()
    def look(self) -> None:
        self.model.touch(now())
        current = credits.balance(self.person)
        assert (current.available, current.held) == (self.model.available, self.model.held)

    @invariant()
    def the_ledger_agrees_with_the_model(self) -> None:
        with snapshot() as session:  # not credits.balance: that would grant and lapse
            account = session.get_one(CreditAccount, self.person.id)
            left = session.exec(
                select(CreditLot.remaining)
                .where(CreditLot.user_id == self.person.id, CreditLot.remaining > 0)
                .order_by(col(CreditLot.lapses_at).asc().nulls_last(), col(CreditLot.id))
            ).all()
        assert (account.available, account.held) == (self.model.available, self.model.held)
        assert list(left) == [lot.left for lot in self.model.in_order() if lot.left]

    examples = 0

    def teardown(self) -> None:
        type(self).examples += 1
        if self.examples % 25 == 0:  # the proof covers every account there is; nothing wrong goes away until then
            assert verify_ledger() == []


def _run(examples: int) -> None:
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    assert verify_ledger() == []


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("half", [1, 2])  # two tests, so that two processes can share them
@pytest.mark.usefixtures("vitrine_sqlite", "noon")
def test_no_sequence_of_movements_in_a_thousand_breaks_the_ledger(half: int) -> None:
    _run(500)


@pytest.mark.usefixtures("vitrine", "noon")
def test_no_sequence_of_movements_breaks_the_ledger_on_either_database() -> None:
    _run(50)

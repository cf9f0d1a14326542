"""What payment events do to payments and credits, in whatever order and however often they come."""

import itertools
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlmodel import select

import db
from db import clock
from db.models import CreditLot, Payment, PaymentEvent
from services import credits
from services.accounts.actor import Actor
from services.billing import checkout, payments, pricing, settlement, webhook
from services.billing.errors import NotPayable
from services.billing.repair import repair_payments
from services.billing.settlement import share_of_credits
from services.credits.history import transactions
from tests.fakes.stripe_server import StripeFake
from tests.support.event_log import kinds
from tests.support.payments import buy, deliver, session_of


def balance(actor: Actor) -> int:
    return credits.balance(actor).available


def payment_events(actor: Actor) -> list[str]:
    return [kind for kind in kinds(of=actor) if kind.startswith("payment.")]


def test_what_was_paid_is_granted_once_and_told(stripe: StripeFake, anna: Actor) -> None:
    made, session_id = buy(anna, stripe)
    assert balance(anna) == 13
    event = stripe.pay(session_id)
    assert [deliver(stripe, event) for _ in range(5)] == ["granted"] * 5
    payment = payments.get_payment(anna, made.payment_id)
    assert (payment.status, payment.amount, payment.checkout_url) == ("succeeded", 1499, None)
    assert balance(anna) == 213
    assert payment_events(anna) == ["payment.completed"]
    movement = transactions(anna, kind="grant").data[0]
    assert (movement.payment_id, movement.amount) == (made.payment_id, 200)
    assert credits.verify_ledger() == []


def test_two_different_events_that_say_paid_grant_once(stripe: StripeFake, anna: Actor) -> None:
    _, session_id = buy(anna, stripe)
    event = stripe.pay(session_id)
    assert deliver(stripe, event) == "granted"
    assert deliver(stripe, event | {"id": "evt_another"}) == "already_paid"
    assert balance(anna) == 213


def test_a_slow_method_grants_when_its_money_is_there(stripe: StripeFake, anna: Actor) -> None:
    made, session_id = buy(anna, stripe)
    assert deliver(stripe, stripe.pay(session_id, later=True)) == "waiting"
    assert (balance(anna), payments.get_payment(anna, made.payment_id).status) == (13, "open")
    assert deliver(stripe, stripe.settle_later(session_id, succeeded=True)) == "granted"
    assert balance(anna) == 213


def test_while_the_bank_is_at_it_nobody_is_sent_to_the_payment_page_again(stripe: StripeFake, anna: Actor) -> None:
    made = checkout.start(anna, pricing.PACKS[0], key="one")
    session_id = session_of(stripe, made)
    declined = stripe.decline(session_id)
    assert deliver(stripe, declined) == "attempt_failed"
    assert not payments.get_payment(anna, made.payment_id).is_under_way
    assert deliver(stripe, stripe.pay(session_id, later=True)) == "waiting"
    assert deliver(stripe, declined | {"id": "evt_late"}) == "unchanged"
    payment = payments.get_payment(anna, made.payment_id)
    assert (payment.is_under_way, payment.checkout_url, payment.failure) == (True, None, None)
    with pytest.raises(NotPayable):
        checkout.start(anna, pricing.PACKS[0], key="one")
    refused = stripe.settle_later(session_id, succeeded=False)
    assert deliver(stripe, refused) == "refused"
    assert deliver(stripe, stripe.events[-2] | {"id": "evt_later"}) == "waiting"
    payment = payments.get_payment(anna, made.payment_id)
    assert (payment.is_under_way, payment.failure) == (False, "The bank did not carry out the payment.")


def test_a_slow_method_that_fails_grants_nothing_and_says_so(stripe: StripeFake, anna: Actor) -> None:
    made, session_id = buy(anna, stripe)
    deliver(stripe, stripe.pay(session_id, later=True))
    assert deliver(stripe, stripe.settle_later(session_id, succeeded=False)) == "refused"
    payment = payments.get_payment(anna, made.payment_id)
    assert (payment.status, payment.failure) == ("expired", "The bank did not carry out the payment.")
    assert (balance(anna), payment_events(anna)) == (13, ["payment.failed"])


def test_a_declined_card_leaves_the_page_open_and_the_reason_on_the_payment(stripe: StripeFake, anna: Actor) -> None:
    made, session_id = buy(anna, stripe)
    assert deliver(stripe, stripe.decline(session_id)) == "attempt_failed"
    payment = payments.get_payment(anna, made.payment_id)
    assert (payment.status, payment.failure) == ("open", "Your card has insufficient funds.")
    assert deliver(stripe, stripe.pay(session_id)) == "granted"
    assert payments.get_payment(anna, made.payment_id).failure is None


def test_a_page_that_nobody_paid_on_ends_and_a_late_payment_counts_all_the_same(
    stripe: StripeFake, anna: Actor
) -> None:
    made, session_id = buy(anna, stripe)
    paid = stripe.pay(session_id)
    stripe.sessions[session_id]["status"] = "open"
    assert deliver(stripe, stripe.expire(session_id)) == "expired"
    assert payments.get_payment(anna, made.payment_id).status == "expired"
    assert deliver(stripe, paid) == "granted"
    assert deliver(stripe, stripe.events[-1] | {"id": "evt_late"}) == "already_paid"
    assert balance(anna) == 213


@pytest.mark.parametrize(
    "change",
    [{"amount_total": 1}, {"currency": "eur"}, {"id": "cs_test_other"}, {"amount_total": 1498}],
    ids=lambda change: str(change),
)
def test_an_event_that_does_not_fit_the_payment_grants_nothing(
    stripe_sqlite: StripeFake, anna_sqlite: Actor, change: dict[str, object]
) -> None:
    _, session_id = buy(anna_sqlite, stripe_sqlite)
    event = stripe_sqlite.pay(session_id)
    event["data"]["object"] |= change
    assert deliver(stripe_sqlite, event) == "mismatch"
    assert balance(anna_sqlite) == 13


def test_one_payment_intent_pays_for_one_payment(stripe: StripeFake, anna: Actor) -> None:
    (_, first), (_, second) = buy(anna, stripe), buy(anna, stripe)
    paid, other = stripe.pay(first), stripe.pay(second)
    other["data"]["object"]["payment_intent"] = paid["data"]["object"]["payment_intent"]
    assert [deliver(stripe, paid), deliver(stripe, other)] == ["granted", "mismatch"]
    assert balance(anna) == 213


def test_events_about_nothing_we_know_are_kept_and_do_nothing(stripe: StripeFake, anna: Actor) -> None:
    _, session_id = buy(anna, stripe)
    event = stripe.pay(session_id)
    stranger = event | {
        "id": "evt_1",
        "data": {"object": event["data"]["object"] | {"metadata": {"payment_id": "pay_x"}}},
    }
    assert deliver(stripe, stranger) == "unknown_payment"
    assert deliver(stripe, event | {"id": "evt_2", "type": "customer.created"}) == "ignored"
    assert deliver(stripe, event | {"id": "evt_3", "data": {"object": {}}}) == "malformed"
    assert deliver(stripe, event | {"id": "evt_4", "data": None}) == "malformed"
    assert balance(anna) == 13
    with db.snapshot() as session:
        assert len(session.scalars(select(PaymentEvent)).all()) == 4


def test_parts_refunded_take_their_share_once_and_never_more_than_all(stripe: StripeFake, anna: Actor) -> None:
    made, session_id = buy(anna, stripe)
    deliver(stripe, stripe.pay(session_id))
    first, second = stripe.refund(session_id, 500), stripe.refund(session_id, 999)
    assert deliver(stripe, second) == "refunded"  # the sum so far: it says all that the first would
    assert deliver(stripe, first) == "unchanged"
    assert deliver(stripe, second | {"id": "evt_again"}) == "unchanged"
    payment = payments.get_payment(anna, made.payment_id)
    assert (payment.status, payment.amount_refunded, payment.credits_reversed) == ("refunded", 1499, 200)
    assert balance(anna) == 13
    assert credits.verify_ledger() == []


def test_a_refund_takes_what_was_bought_and_leaves_what_was_free(stripe: StripeFake, anna: Actor) -> None:
    def lots() -> dict[str, int]:
        with db.snapshot() as session:
            rows = session.scalars(select(CreditLot).where(CreditLot.user_id == anna.id, CreditLot.remaining > 0)).all()
        return {row.source: row.remaining for row in rows}

    balance(anna)  # the day's free credits come with the first look
    before = lots()
    assert before == {"welcome": 10, "daily": 3}
    _, session_id = buy(anna, stripe)
    deliver(stripe, stripe.pay(session_id))
    deliver(stripe, stripe.dispute(session_id))
    assert lots() == before
    deliver(stripe, stripe.dispute(session_id, "won"))
    assert lots() == before | {"purchase": 200}
    deliver(stripe, stripe.refund(session_id, 1499))
    assert lots() == before
    assert credits.verify_ledger() == []


def test_a_refund_of_spent_credits_leaves_a_debt(stripe: StripeFake, anna: Actor) -> None:
    from services.credits import ledger

    _, session_id = buy(anna, stripe)
    deliver(stripe, stripe.pay(session_id))
    with db.transaction() as session:
        ledger.adjust(session, anna.id, -200, key="spent", actor="test", reason="spent")
    assert deliver(stripe, stripe.refund(session_id, 1499)) == "refunded"
    assert balance(anna) == 13 - 200
    assert credits.verify_ledger() == []


def test_a_dispute_takes_the_credits_back_and_a_won_one_returns_them(stripe: StripeFake, anna: Actor) -> None:
    made, session_id = buy(anna, stripe)
    deliver(stripe, stripe.pay(session_id))
    opened = stripe.dispute(session_id)
    assert deliver(stripe, opened) == "disputed"
    assert (balance(anna), payments.get_payment(anna, made.payment_id).status) == (13, "disputed")
    assert deliver(stripe, stripe.dispute(session_id, "won")) == "restored"
    assert deliver(stripe, opened | {"id": "evt_late", "type": "charge.dispute.updated"}) == "unchanged"
    assert (balance(anna), payments.get_payment(anna, made.payment_id).status) == (213, "succeeded")
    assert payment_events(anna) == ["payment.completed", "payment.disputed", "payment.restored"]
    assert credits.verify_ledger() == []


def test_a_lost_dispute_and_a_refund_together_take_no_more_than_was_bought(stripe: StripeFake, anna: Actor) -> None:
    made, session_id = buy(anna, stripe)
    deliver(stripe, stripe.pay(session_id))
    deliver(stripe, stripe.refund(session_id, 1000))
    deliver(stripe, stripe.dispute(session_id))
    assert deliver(stripe, stripe.dispute(session_id, "lost")) == "disputed"
    payment = payments.get_payment(anna, made.payment_id)
    assert (payment.status, payment.dispute, payment.credits_reversed) == ("disputed", "lost", 200)
    assert payments.list_payments(anna).items == (payment,)
    assert balance(anna) == 13
    assert credits.verify_ledger() == []


def test_an_inquiry_that_moves_no_money_moves_no_credits(stripe: StripeFake, anna: Actor) -> None:
    _, session_id = buy(anna, stripe)
    deliver(stripe, stripe.pay(session_id))
    assert deliver(stripe, stripe.dispute(session_id, "warning_needs_response")) == "unchanged"
    assert deliver(stripe, stripe.dispute(session_id, "warning_closed")) == "unchanged"
    assert balance(anna) == 213


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_the_order_of_events_does_not_matter(
    stripe_sqlite: StripeFake, anna_sqlite: Actor, order: tuple[int, ...]
) -> None:
    made, session_id = buy(anna_sqlite, stripe_sqlite)
    story = [
        stripe_sqlite.pay(session_id),
        stripe_sqlite.refund(session_id, 750),
        stripe_sqlite.dispute(session_id, amount=749),
        stripe_sqlite.dispute(session_id, "won", amount=749),
    ]
    for number in order:
        deliver(stripe_sqlite, story[number])
    payment = payments.get_payment(anna_sqlite, made.payment_id)
    assert (payment.status, payment.amount_refunded, payment.credits_reversed) == ("succeeded", 750, 100)
    assert balance(anna_sqlite) == 113
    assert credits.verify_ledger() == []


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ([("warning_needs_response", "created"), ("needs_response", "funds_withdrawn")], 0),
        ([("needs_response", "created"), ("won", "funds_reinstated")], 200),
        ([("lost", "closed"), ("won", "funds_reinstated")], 200),
    ],
    ids=["an inquiry that escalates", "won and not closed", "lost and given back all the same"],
)
def test_an_older_word_on_a_dispute_that_comes_late_changes_nothing(
    stripe_sqlite: StripeFake, anna_sqlite: Actor, told: list[tuple[str, str]], kept: int
) -> None:
    for order in itertools.permutations(range(3)):
        before = balance(anna_sqlite)
        _, session_id = buy(anna_sqlite, stripe_sqlite)
        story = [stripe_sqlite.pay(session_id)]
        for day, (status, kind) in enumerate(told, 1):
            event = stripe_sqlite.dispute(session_id, status)
            story.append(event | {"type": f"charge.dispute.{kind}", "created": event["created"] + day * 86_400})
        for number in order:
            deliver(stripe_sqlite, story[number])
        assert balance(anna_sqlite) - before == kept, order
    assert credits.verify_ledger() == []


@pytest.mark.parametrize(("credits_", "amount"), [(200, 1499), (500, 2999), (301, 3010), (50_000, 375_000)])
def test_shares_grow_with_the_money_and_end_at_all_credits(credits_: int, amount: int) -> None:
    shares = [share_of_credits(credits_, gone, amount) for gone in range(amount + 1)]
    assert (shares[0], shares[-1]) == (0, credits_)
    assert all(later >= sooner for sooner, later in itertools.pairwise(shares))
    assert all(abs(share - credits_ * gone / amount) <= 0.5 for gone, share in enumerate(shares))


def test_a_dispute_told_while_its_payment_is_being_granted_is_not_lost(
    stripe: StripeFake, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, session_id = buy(anna, stripe)
    completed, dispute = stripe.pay(session_id), stripe.dispute(session_id, "needs_response")
    for event in (completed, dispute):
        body, headers = stripe.signed(event)
        webhook.receive(body, headers["Stripe-Signature"])
    applied: list[Future[str]] = []
    look_for_early_ones = settlement._apply_early

    def look_and_be_overtaken(*what: object) -> None:
        look_for_early_ones(*what)  # type: ignore[arg-type]
        if not applied:
            applied.append(pool.submit(settlement.apply_event, dispute["id"]))
            wait(applied, timeout=1)

    monkeypatch.setattr(settlement, "_apply_early", look_and_be_overtaken)
    with ThreadPoolExecutor(1) as pool:
        assert settlement.apply_event(completed["id"]) == "granted"
        assert applied[0].result() == "disputed"
    assert (balance(anna), payments.get_payment(anna, made.payment_id).status) == (13, "disputed")


@pytest.mark.parametrize(("later", "status", "left"), [(False, "succeeded", 63), (True, "open", 13)])
def test_an_event_faster_than_the_answer_that_made_its_session(
    stripe: StripeFake, anna: Actor, monkeypatch: pytest.MonkeyPatch, later: bool, status: str, left: int
) -> None:
    """It is paid at the very moment the session exists, before we have heard of it."""
    answered = stripe.create_session

    def paid_at_once(params: dict[str, object]) -> dict[str, object]:
        session = answered(params)
        answer = dict(session)
        deliver(stripe, stripe.pay(session["id"], later=later))
        return answer

    monkeypatch.setattr(stripe, "create_session", paid_at_once)
    made = checkout.start(anna, pricing.chosen(pack="pack_50"))
    payment = payments.get_payment(anna, made.payment_id)
    assert (payment.status, balance(anna), payment.is_under_way) == (status, left, later)
    assert session_of(stripe, made) in made.url
    assert credits.verify_ledger() == []


def test_books_that_do_not_fit_a_payment_are_found(stripe_sqlite: StripeFake, anna_sqlite: Actor) -> None:
    made, session_id = buy(anna_sqlite, stripe_sqlite)
    deliver(stripe_sqlite, stripe_sqlite.pay(session_id))
    for tampered in ({"credits": 201}, {"credits": 200, "paid_at": None}, {"paid_at": db.now(), "credits_reversed": 1}):
        with db.transaction() as session:
            payment = session.get_one(Payment, made.payment_id)
            for name, value in tampered.items():
                setattr(payment, name, value)
        assert [(one.kind, one.subject) for one in credits.verify_ledger()] == [
            ("payment_differs_from_ledger", made.payment_id)
        ]


def test_repair_applies_what_its_workflow_never_did(stripe: StripeFake, anna: Actor) -> None:
    _, session_id = buy(anna, stripe)
    body, headers = stripe.signed(stripe.pay(session_id))
    webhook.receive(body, headers["Stripe-Signature"])
    assert repair_payments() == 0  # its workflow may still come
    clock.travel(timedelta(minutes=1))
    assert repair_payments() == 1
    assert balance(anna) == 213
    assert repair_payments() == 0


def test_repair_closes_what_nobody_can_pay_any_more_but_not_what_stripe_will_close(
    stripe_sqlite: StripeFake, anna_sqlite: Actor
) -> None:
    made, _ = buy(anna_sqlite, stripe_sqlite)
    with db.transaction() as session:
        session.add(Payment(user_id=anna_sqlite.id, offer="pack_50", credits=50, amount=499, gateway="stripe"))
    clock.travel(timedelta(hours=26))
    assert repair_payments() == 1
    found = payments.list_payments(anna_sqlite).items
    assert {payment.offer: payment.status for payment in found} == {"pack_50": "expired", "pack_200": "open"}
    assert made.payment_id in {payment.id for payment in found}

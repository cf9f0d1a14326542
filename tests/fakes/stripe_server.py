"""Stripe as far as Vitrine uses it, over HTTP on a socket: Checkout sessions, payment intents, refunds, disputes, and
events signed and delivered to an endpoint. Stateful, strict about parameters, and honest about Idempotency-Keys.

Shapes: https://docs.stripe.com/api (November 2026). Signatures are computed here, without the SDK.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from stripe.params import RefundCreateParams
from stripe.params.checkout import SessionCreateParams

from tests.fakes.stripe_params import BadParameter, check, decode
from tests.support.served import served

API_VERSION = "2026-10-28.endive"
_MIN_CENTS = 50


@dataclass
class Seen:
    """One request as it came."""

    method: str
    path: str
    params: dict[str, Any]
    headers: dict[str, str]


class Refusal(Exception):
    """An error answer of the API."""

    def __init__(self, status: int, kind: str, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message, "param": param, "code": code}}


@dataclass
class StripeFake:
    """One Stripe account. `endpoint` is where its events go; `faults` are answers to give instead, first to last."""

    key: str = "sk_test_fake"
    webhook_secret: str = "whsec_fake_endpoint_secret"
    endpoint: str = ""
    url: str = ""
    requests: list[Seen] = field(default_factory=list)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    charges: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)
    _answers: dict[str, tuple[str, int, dict[str, Any]]] = field(default_factory=dict)
    _intent_of: dict[str, str] = field(default_factory=dict)
    _intent_data: dict[str, dict[str, Any]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # what happens at Stripe, each giving the event that tells of it

    def pay(self, session_id: str, *, later: bool = False) -> dict[str, Any]:
        """Somebody pays on the hosted page; `later` by a slow method, whose money is not there yet."""
        session = self._open(session_id)
        intent = self._intent(session)
        session |= {"status": "complete", "payment_intent": intent["id"], "url": None}
        if not later:
            self._charge(session, intent)
        return self._tell("checkout.session.completed", session)

    def settle_later(self, session_id: str, *, succeeded: bool) -> dict[str, Any]:
        """The slow method comes to its end."""
        session = self.sessions[session_id]
        if succeeded:
            self._charge(session, self.intents[session["payment_intent"]])
        return self._tell(f"checkout.session.async_payment_{'succeeded' if succeeded else 'failed'}", session)

    def decline(self, session_id: str) -> dict[str, Any]:
        """A card is declined on the hosted page, which stays open."""
        intent = self._intent(self._open(session_id))
        intent |= {
            "status": "requires_payment_method",
            "last_payment_error": {
                "type": "card_error",
                "code": "card_declined",
                "decline_code": "insufficient_funds",
                "message": "Your card has insufficient funds.",
            },
        }
        return self._tell("payment_intent.payment_failed", intent)

    def expire(self, session_id: str) -> dict[str, Any]:
        """A day passed and nobody paid."""
        session = self._open(session_id)
        session |= {"status": "expired", "url": None}
        return self._tell("checkout.session.expired", session)

    def refund(self, session_id: str, amount: int) -> dict[str, Any]:
        """`amount` cents more go back to the card."""
        charge = self.charge_of(session_id)
        if amount > charge["amount"] - charge["amount_refunded"]:
            raise Refusal(400, "invalid_request_error", "Refund amount is greater than unrefunded amount.", "amount")
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        return self._tell("charge.refunded", charge)

    def dispute(self, session_id: str, status: str = "needs_response", amount: int | None = None) -> dict[str, Any]:
        """The bank objects; once `status` is won or lost, the matter is closed."""
        charge = self.charge_of(session_id)
        dispute = {
            "id": f"dp_{charge['id']}",
            "object": "dispute",
            "amount": charge["amount"] if amount is None else amount,
            "currency": charge["currency"],
            "charge": charge["id"],
            "payment_intent": charge["payment_intent"],
            "balance_transactions": [],
            "created": _now(),
            "evidence": {},
            "evidence_details": {"due_by": _now() + 86_400, "has_evidence": False, "submission_count": 0},
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "reason": "fraudulent",
            "status": status,
        }
        closed = status in ("won", "lost", "warning_closed")
        return self._tell(f"charge.dispute.{'closed' if closed else 'created'}", dispute)

    def charge_of(self, session_id: str) -> dict[str, Any]:
        intent = self.sessions[session_id]["payment_intent"]
        return next(charge for charge in self.charges.values() if charge["payment_intent"] == intent)

    # how events travel

    def signature(self, body: bytes, *, at: float | None = None, secret: str | None = None) -> str:
        """The Stripe-Signature header of a body."""
        moment = int(time.time() if at is None else at)
        signed = b"%d.%b" % (moment, body)
        digest = hmac.new((secret or self.webhook_secret).encode(), signed, hashlib.sha256).hexdigest()
        return f"t={moment},v1={digest},v0={'0' * 64}"

    def signed(self, event: dict[str, Any], **signing: Any) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a delivery."""
        body = json.dumps(event, indent=2).encode()
        headers = {
            "Stripe-Signature": self.signature(body, **signing),
            "Content-Type": "application/json; charset=utf-8",
        }
        return body, headers

    def deliver(self, event: dict[str, Any], **signing: Any) -> int:
        """Post an event to the endpoint; the status of the answer."""
        body, headers = self.signed(event, **signing)
        return httpx.post(self.endpoint, content=body, headers=headers, timeout=30).status_code

    def _tell(self, kind: str, thing: dict[str, Any]) -> dict[str, Any]:
        event = {
            "id": self._id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": _now(),
            "data": {"object": json.loads(json.dumps(thing))},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.events.append(event)
        return event

    # objects

    def create_session(self, params: dict[str, Any]) -> dict[str, Any]:
        """A Checkout session as the API answers it."""
        given = check(params, SessionCreateParams)
        for name in ("mode", "line_items", "success_url"):
            if name not in given:
                raise BadParameter(name, f"Missing required param: {name}.")
        total, currency = 0, ""
        for number, line in enumerate(given["line_items"]):
            price = line.get("price_data") or {}
            for name in ("unit_amount", "product_data"):
                if name not in price:
                    raise BadParameter(f"line_items[{number}][price_data][{name}]", "Missing required param.")
            total, currency = total + price["unit_amount"] * line["quantity"], price["currency"]
        if total < _MIN_CENTS:
            raise BadParameter("line_items", "The Checkout Session's total amount must convert to at least 50 cents.")
        session_id = self._id("cs_test")
        session = {
            "id": session_id,
            "object": "checkout.session",
            "adaptive_pricing": given.get("adaptive_pricing", {"enabled": True}),
            "amount_subtotal": total,
            "amount_total": total,
            "cancel_url": given.get("cancel_url"),
            "client_reference_id": given.get("client_reference_id"),
            "created": _now(),
            "currency": currency,
            "customer": None,
            "customer_email": given.get("customer_email"),
            "expires_at": _now() + 86_400,
            "livemode": False,
            "metadata": given.get("metadata", {}),
            "mode": given["mode"],
            "payment_intent": None,
            "payment_method_types": ["card"],
            "payment_status": "unpaid",
            "status": "open",
            "success_url": given["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id),
            "ui_mode": given.get("ui_mode", "hosted_page"),
            "url": f"{self.url}/c/pay/{session_id}",
        }
        self.sessions[session_id] = session
        self._intent_data[session_id] = given.get("payment_intent_data", {})
        return session

    def _open(self, session_id: str) -> dict[str, Any]:
        session = self.sessions.get(session_id)
        if session is None:
            raise Refusal(404, "invalid_request_error", f"No such checkout session: {session_id}", "session")
        if session["status"] != "open":
            raise Refusal(400, "invalid_request_error", "This Checkout Session is no longer open.")
        return session

    def _intent(self, session: dict[str, Any]) -> dict[str, Any]:
        if session["id"] in self._intent_of:
            return self.intents[self._intent_of[session["id"]]]
        intent = {
            "id": self._id("pi"),
            "object": "payment_intent",
            "amount": session["amount_total"],
            "currency": session["currency"],
            "created": _now(),
            "description": self._intent_data[session["id"]].get("description"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": self._intent_data[session["id"]].get("metadata", {}),
            "status": "processing",
        }
        self.intents[intent["id"]] = intent
        self._intent_of[session["id"]] = intent["id"]
        return intent

    def _charge(self, session: dict[str, Any], intent: dict[str, Any]) -> None:
        charge = {
            "id": self._id("ch"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": intent["amount"],
            "amount_refunded": 0,
            "captured": True,
            "created": _now(),
            "currency": intent["currency"],
            "disputed": False,
            "livemode": False,
            "metadata": dict(intent["metadata"]),  # copied from the intent as it is made
            "paid": True,
            "payment_intent": intent["id"],
            "refunded": False,
            "status": "succeeded",
        }
        self.charges[charge["id"]] = charge
        intent |= {"status": "succeeded", "latest_charge": charge["id"], "last_payment_error": None}
        session["payment_status"] = "paid"

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):024}"

    # the wire

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/checkout/sessions", self._api(self._post_session), methods=["POST"]),
                Route("/v1/checkout/sessions/{id}", self._api(lambda r, p: self.sessions[r.path_params["id"]])),
                Route("/v1/payment_intents/{id}", self._api(lambda r, p: self.intents[r.path_params["id"]])),
                Route("/v1/refunds", self._api(self._post_refund), methods=["POST"]),
                Route("/c/pay/{id}", self._hosted_page),
                Route("/c/pay/{id}/{deed}", self._on_hosted_page, methods=["POST"]),
            ]
        )

    def _api(self, answer: Any) -> Any:
        async def endpoint(request: Request) -> Response:
            body = (await request.body()).decode()
            params = decode(parse_qsl(body or request.url.query, keep_blank_values=True))
            self.requests.append(Seen(request.method, request.url.path, params, dict(request.headers)))
            if self.faults:
                status = self.faults.pop(0)
                return JSONResponse({"error": {"type": "api_error", "message": "Sorry."}}, status)
            try:
                self._authenticate(request)
                status, result = self._once(request, body, lambda: answer(request, params))
            except Refusal as refusal:
                status, result = refusal.status, refusal.body
            except BadParameter as bad:
                error = {"type": "invalid_request_error", "message": str(bad), "param": bad.param}
                status, result = 400, {"error": error}
            except KeyError as missing:
                error = {"type": "invalid_request_error", "message": f"No such object: {missing}", "param": "id"}
                status, result = 404, {"error": error}
            return JSONResponse(result, status, {"Request-Id": self._id("req")})

        return endpoint

    def _authenticate(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refusal(401, "invalid_request_error", "Invalid API Key provided: sk_test_****")
        if request.headers.get("stripe-version") != API_VERSION:
            raise Refusal(400, "invalid_request_error", f"This fake speaks {API_VERSION} only.")

    def _once(self, request: Request, body: str, answer: Any) -> tuple[int, dict[str, Any]]:
        key = request.headers.get("idempotency-key")
        if request.method != "POST" or key is None:
            return 200, answer()
        if key in self._answers:
            first_body, status, result = self._answers[key]
            if first_body != body:
                says = (
                    "Keys for idempotent requests can only be used with the same parameters they were first used with."
                )
                raise Refusal(400, "idempotency_error", says)
            return status, result
        result = json.loads(json.dumps(answer()))
        self._answers[key] = (body, 200, result)
        return 200, result

    def _post_session(self, _request: Request, params: dict[str, Any]) -> dict[str, Any]:
        return self.create_session(params)

    def _post_refund(self, _request: Request, params: dict[str, Any]) -> dict[str, Any]:
        given = check(params, RefundCreateParams)
        session_id = next(key for key, value in self._intent_of.items() if value == given["payment_intent"])
        charge = self.charge_of(session_id)
        amount = given.get("amount", charge["amount"] - charge["amount_refunded"])
        self.refund(session_id, amount)
        return {
            "id": self._id("re"),
            "object": "refund",
            "amount": amount,
            "charge": charge["id"],
            "created": _now(),
            "currency": charge["currency"],
            "payment_intent": given["payment_intent"],
            "status": "succeeded",
        }

    def _hosted_page(self, request: Request) -> Response:
        """What a person sees at Stripe: what it costs, and ways on. Plain forms; the look is not what is tested."""
        session = self.sessions[request.path_params["id"]]
        if session["status"] != "open":
            return HTMLResponse("<h1>You are all done here</h1>")
        declined = bool(self.intents.get(self._intent_of.get(session["id"], ""), {}).get("last_payment_error"))
        note = '<p role="alert">Your card has insufficient funds. Try a different card.</p>' if declined else ""
        forms = "".join(
            f'<form method="post" action="/c/pay/{session["id"]}/{deed}"><button>{label}</button></form>'
            for deed, label in (("pay", f"Pay ${session['amount_total'] / 100:.2f}"), ("decline", "Use a bad card"))
        )
        back = f'<a href="{escape(session["cancel_url"] or "#")}">Back</a>'
        return HTMLResponse(f"<title>Checkout</title><h1>Checkout</h1>{note}{forms}{back}")

    async def _on_hosted_page(self, request: Request) -> Response:
        session_id, deed = request.path_params["id"], request.path_params["deed"]
        event = self.pay(session_id) if deed == "pay" else self.decline(session_id)
        await run_in_threadpool(self.deliver, event)
        target = self.sessions[session_id]["success_url"] if deed == "pay" else f"/c/pay/{session_id}"
        return RedirectResponse(target, 303)


def _now() -> int:
    return int(time.time())


@contextmanager
def running_stripe() -> Iterator[StripeFake]:
    """The fake on a socket until the end of the block."""
    fake = StripeFake()
    with served(fake.app()) as address:
        fake.url = address
        yield fake

"""The forms at the door: sign in, sign up, sign out by plain form posts that set or clear an HttpOnly cookie."""

from dataclasses import asdict
from urllib.parse import urlencode, urlsplit

import structlog
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from api.browser.answers import is_same_origin
from api.edge.rate_limits import RequestCounter
from api.edge.request_log import facts_of
from config import settings
from services.accounts import form_cookies, passwords, registration, sessions
from services.accounts.form_cookies import FLASH_COOKIE, FORM_COOKIE, Flash
from services.accounts.sessions import COOKIE, SignedIn
from services.errors import Forbidden, RateLimited, ServiceError, Unavailable

MAX_FORM_BYTES = 16 * 1024
JUDGED_PER_MINUTE = 120  # passwords, from one address: more than anybody types
_judged = RequestCounter()
_log = structlog.get_logger("vitrine.door")


class FormExpired(Forbidden):
    code = "csrf"
    message = "The page was open for too long. Please try again."


async def csrf(request: Request) -> Response:
    """What a form of this browser must bring along: `{"csrf": "…"}`. Sets the form cookie where there is no session."""
    session_token = request.cookies.get(COOKIE, "")
    if await run_in_threadpool(sessions.actor_for_session, session_token):
        response = JSONResponse({"csrf": sessions.csrf_token(session_token)})
    else:
        seed = request.cookies.get(FORM_COOKIE, "")
        if not form_cookies.is_form_cookie(seed):
            seed = form_cookies.new_form_cookie()
        response = JSONResponse({"csrf": sessions.csrf_token(seed)})
        _set_cookie(response, FORM_COOKIE, seed, form_cookies.FORM_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response


async def enter(request: Request) -> Response:
    """POST /auth/session: `intent` sign-in or register. 303 to `next` with the cookie, or back to the form."""
    form = await request.form(max_fields=20, max_files=0)
    registering = _text(form, "intent") == "register"
    next_path = safe_path(_text(form, "next"))
    try:
        _require_own_form(request, form)
        signed_in = await run_in_threadpool(_enter, request, form, registering)
    except OperationalError as error:
        _log.warning("database", reason=str(error))
        return _back(form, registering, next_path, Unavailable())
    except ServiceError as error:
        return _back(form, registering, next_path, error)
    facts_of(request.scope).user_id = signed_in.actor.id
    response = RedirectResponse(next_path, 303)
    _set_cookie(response, COOKIE, signed_in.token, settings().session_max_age_seconds)
    for spent in (FORM_COOKIE, FLASH_COOKIE):
        _clear_cookie(response, spent)
    return response


def _enter(request: Request, form: FormData, registering: bool) -> SignedIn:
    origin = {"address": facts_of(request.scope).address, "user_agent": request.headers.get("user-agent", "")}
    email, password = _text(form, "email"), _text(form, "password")
    if registering:
        accepted = _text(form, "accepted_terms").lower() in ("yes", "on", "true", "1")
        signed_in = registration.register(email, password, _text(form, "name"), accepted_terms=accepted, **origin)
    else:
        signed_in = sessions.sign_in(email, password, **origin)
    if former := request.cookies.get(COOKIE):
        sessions.sign_out(former)
    return signed_in


async def judge_password(request: Request) -> Response:
    """POST /auth/password-strength: what the sign-up form shows while a password is typed, by the rules that decide
    when the form is sent: `{"score": 0..4, "label": "…", "advice": "…"}`."""
    if not is_same_origin(request):
        return PlainTextResponse(FormExpired.message, 403)
    if not _judged.count(facts_of(request.scope).address, JUDGED_PER_MINUTE).allowed:
        return PlainTextResponse(RateLimited.message, 429)
    form = await request.form(max_fields=20, max_files=0)
    given = [_text(form, name) for name in ("password", "email", "name")]
    verdict = await run_in_threadpool(passwords.strength, *given)
    return JSONResponse(asdict(verdict), headers={"Cache-Control": "no-store"})


async def leave(request: Request) -> Response:
    """POST /auth/signout: ends the session in the database, clears the cookie, 303 to the start page."""
    form = await request.form(max_fields=20, max_files=0)
    try:
        _require_own_form(request, form)
    except FormExpired as error:
        return PlainTextResponse(f"{error.message} Go back and reload the page.", 403)
    await run_in_threadpool(sessions.sign_out, request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/", 303)
    _clear_cookie(response, COOKIE)
    return response


def _back(form: FormData, registering: bool, next_path: str, error: ServiceError) -> Response:
    """To the form again. The address names the error's code; the words and what was typed travel in a signed cookie."""
    query = {"error": error.code}
    if next_path != "/":
        query["next"] = next_path
    response = RedirectResponse(f"/{'sign-up' if registering else 'sign-in'}?{urlencode(query)}", 303)
    flash = Flash(error.message, _text(form, "email")[:254], _text(form, "name")[:100])
    _set_cookie(response, FLASH_COOKIE, form_cookies.seal_flash(flash), form_cookies.FLASH_SECONDS)
    return response


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _require_own_form(request: Request, form: FormData) -> None:
    """Raise `FormExpired` unless a page of ours, in this browser, sent the form."""
    given = _text(form, "csrf")
    form_seed = request.cookies.get(FORM_COOKIE, "")
    seeds = [request.cookies.get(COOKIE, ""), form_seed if form_cookies.is_form_cookie(form_seed) else ""]
    proven = any(seed and sessions.csrf_matches(seed, given) for seed in seeds)
    if not proven or not is_same_origin(request):
        raise FormExpired


def safe_path(given: str) -> str:
    """`given` if it is a path on this site, else "/": no scheme, no host, no backslash or control character."""
    plain = given.isprintable() and "\\" not in given and given.startswith("/") and not given.startswith("//")
    if not plain or len(given) > 2000:
        return "/"
    parts = urlsplit(given)
    return given if not parts.scheme and not parts.netloc else "/"


def _set_cookie(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=_secure(), path="/")


def _clear_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, httponly=True, samesite="lax", secure=_secure(), path="/")


def _secure() -> bool:
    return bool(settings().cookie_secure)


routes = [
    Route("/auth/csrf", csrf, methods=["GET"]),
    Route("/auth/session", enter, methods=["POST"], max_body_size=MAX_FORM_BYTES),
    Route("/auth/password-strength", judge_password, methods=["POST"], max_body_size=MAX_FORM_BYTES),
    Route("/auth/signout", leave, methods=["POST"], max_body_size=MAX_FORM_BYTES),
]

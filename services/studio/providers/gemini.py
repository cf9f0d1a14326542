"""Google's Gemini image model through its own SDK, the Gemini Developer API's generateContent.

https://ai.google.dev/gemini-api/docs/image-generation and /docs/pricing, as read in November 2026. Finish and block
reasons: the SDK's `types.FinishReason` and `types.BlockedReason`.
"""

from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic_settings import SettingsConfigDict

from config import ProviderSettings
from db.clock import now
from services.studio.providers.contract import AnswersAtOnce, Connection, EditAnswer, EditRequest, Provider, Submitted
from services.studio.providers.errors import (
    ContentRefused,
    InputRefused,
    NothingMade,
    OutcomeUnknown,
    ProviderBusy,
    ProviderDown,
    ProviderError,
    ProviderMisconfigured,
)

if TYPE_CHECKING:
    from google.genai import Client, errors, types

# USD 0.30 a million input tokens, USD 30 a million of image output, 1290 of them a picture up to 1024×1024:
# USD 0.039. https://ai.google.dev/gemini-api/docs/pricing, November 2026.
_PRICES = MappingProxyType({"gemini-2.5-flash-image": 39_000})
_MICROS_PER_INPUT_TOKEN = MappingProxyType({"gemini-2.5-flash-image": 0.30})

# https://ai.google.dev/gemini-api/docs/image-generation#aspect_ratios, November 2026.
_RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")

_UNSAFE = frozenset(
    {
        *("SAFETY", "IMAGE_SAFETY", "PROHIBITED_CONTENT", "IMAGE_PROHIBITED_CONTENT", "BLOCKLIST", "SPII"),
        *("RECITATION", "IMAGE_RECITATION", "JAILBREAK", "MODEL_ARMOR", "ESCALATION"),
    }
)


class GeminiSettings(ProviderSettings):
    """The key and address of the Gemini Developer API."""

    model_config = SettingsConfigDict(env_prefix="VITRINE_GEMINI_")

    base_url: str = "https://generativelanguage.googleapis.com"


class GeminiConnection(AnswersAtOnce):
    """One connection to the Gemini Developer API. The time limit counts for each wait on the network, in seconds."""

    def __init__(self, key: str, base_url: str, timeout: float) -> None:
        self._key, self._base_url, self._timeout = key, base_url, timeout
        self._opened: Client | None = None

    def aspect_ratio(self, width: int, height: int) -> str:
        wanted = width / height

        def distance(ratio: str) -> float:
            across, down = (int(part) for part in ratio.split(":"))
            return max(wanted / (across / down), (across / down) / wanted)

        return min(_RATIOS, key=distance)

    def submit(self, request: EditRequest) -> Submitted:
        from google.genai import types  # 80 MB that only a worker needs

        parts = [types.Part.from_bytes(data=request.picture, mime_type=request.content_type)]
        for other in request.others:
            parts.append(types.Part.from_text(text=f"{other.name.replace('_', ' ')}:"))
            parts.append(types.Part.from_bytes(data=other.picture, mime_type=other.content_type))
        content = types.Content(role="user", parts=[*parts, types.Part.from_text(text=request.prompt)])
        config = types.GenerateContentConfig(
            response_modalities=["IMAGE"],
            image_config=types.ImageConfig(aspect_ratio=request.aspect_ratio),
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )
        answer = self._client().models.generate_content(model=request.model, contents=content, config=config)
        return Submitted(answer=_read(answer, request))

    def classify(self, error: Exception) -> ProviderError | None:
        import httpx
        from google.genai import errors

        if isinstance(error, ProviderError):
            return error
        if isinstance(error, errors.APIError):
            return _classified(error)
        if isinstance(
            error, UnicodeEncodeError | httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError
        ):
            # nothing was sent; without the error's own words, for they may quote the key
            return ProviderMisconfigured(cause=f"key or address cannot be sent: {type(error).__name__}")
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
            return ProviderDown(cause=f"no connection: {type(error).__name__}")
        if isinstance(error, httpx.TimeoutException):
            return OutcomeUnknown(cause=f"no answer in time: {type(error).__name__}")
        if isinstance(error, httpx.TransportError):
            return OutcomeUnknown(cause=f"connection lost: {error}")
        if isinstance(error, ValueError | httpx.DecodingError):
            return OutcomeUnknown(cause=f"the answer is not what the API promises: {error}")
        return None

    def _client(self) -> "Client":
        if self._opened is None:
            import httpx
            from google import genai

            options = genai.types.HttpOptions(
                base_url=self._base_url,
                api_version="v1beta",  # the SDK's own choice, v1, knows no response modalities
                timeout=round(self._timeout * 1000),
                retry_options=genai.types.HttpRetryOptions(attempts=1),  # the workflow tries again, and counts
                httpx_client=httpx.Client(timeout=self._timeout),
            )
            try:
                self._opened = genai.Client(api_key=self._key, vertexai=False, http_options=options)
            except ValueError as error:
                raise ProviderMisconfigured(cause=f"the client cannot be opened: {error}") from error
        return self._opened


def _read(answer: "types.GenerateContentResponse", request: EditRequest) -> EditAnswer:
    """The picture in an answer. Raises ContentRefused or NothingMade with what a refusal still costs: its input, for a
    model whose price of input we know; OutcomeUnknown for one that says nothing at all, as the SDK reads an empty
    body."""
    usage = answer.usage_metadata
    if not (usage or answer.candidates or answer.prompt_feedback):
        raise OutcomeUnknown(cause="the answer says nothing")
    per_token = _MICROS_PER_INPUT_TOKEN.get(request.model, 0.0)
    asked = round((usage.prompt_token_count or 0) * per_token) if usage else 0
    candidate = answer.candidates[0] if answer.candidates else None
    for part in (candidate.content.parts if candidate and candidate.content else None) or ():
        if part.inline_data and part.inline_data.data and not part.thought:
            return EditAnswer(part.inline_data.data, request.price_micros + asked)
    blocked = answer.prompt_feedback.block_reason if answer.prompt_feedback else None
    stopped = blocked or (candidate.finish_reason if candidate else None)
    reason = str(stopped.value) if stopped else "no candidate"
    if blocked or reason in _UNSAFE:
        raise ContentRefused(cause=reason, cost_micros=asked)
    raise NothingMade(cause=reason, cost_micros=asked)


def _classified(error: "errors.APIError") -> ProviderError:
    cause = f"{error.code} {error.status or ''}: {error.message or ''}"[:500]
    if error.code == 429:
        return ProviderBusy(cause=cause, retry_after=_retry_after(error))
    if error.code in (408, 502, 504):  # it, or a gateway before it, did not wait for what was being made
        return OutcomeUnknown(cause=cause, retry_after=_retry_after(error))
    if error.code >= 500:
        return ProviderDown(cause=cause, retry_after=_retry_after(error))
    if (error.code == 400 and not _is_about_our_key(error)) or error.code == 413:
        return InputRefused(cause=cause)
    return ProviderMisconfigured(cause=cause)


def _is_about_our_key(error: "errors.APIError") -> bool:
    """Google answers a wrong key with 400 INVALID_ARGUMENT and `reason: API_KEY_INVALID` among the details, and calls
    from where it offers no free service with 400 FAILED_PRECONDITION."""
    return error.status == "FAILED_PRECONDITION" or "API_KEY" in str(error.details)


def _retry_after(error: "errors.APIError") -> float | None:
    """Seconds that the Retry-After header asks for, or else `retryDelay` (as in "17s") among the error's details."""
    header = getattr(error.response, "headers", {}).get("retry-after", "")
    if header.isdecimal():
        return float(header)
    if header:
        try:
            return max(0.0, (parsedate_to_datetime(header) - now()).total_seconds())
        except (TypeError, ValueError):
            return None
    details = error.details.get("error", {}).get("details", []) if isinstance(error.details, dict) else []
    delays = [str(one.get("retryDelay", "")) for one in details if isinstance(one, dict)]
    stated = next((delay for delay in delays if delay.endswith("s")), "")
    return float(stated[:-1]) if stated[:-1].replace(".", "", 1).isdecimal() else None


def _connect(own: GeminiSettings) -> Connection:
    key = own.api_key.get_secret_value() if own.api_key else ""
    return GeminiConnection(key, own.base_url, own.timeout_seconds)


PROVIDER = Provider(
    name="gemini",
    title="Google Gemini",
    settings=GeminiSettings,
    connect=_connect,
    models=r"gemini-[\w.-]+",
    prices=_PRICES,
)

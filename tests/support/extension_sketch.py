"""A provider whose jobs are polled, and an operation of it, as an extension brings them: all there is of both."""

import base64
from typing import Any, Literal

import httpx
from pydantic_settings import SettingsConfigDict

from config import ProviderSettings
from services.studio.operations.contract import AiWork, AssetId, Operation, Params
from services.studio.providers.contract import Connection, EditAnswer, EditRequest, Pending, Provider, Submitted
from services.studio.providers.errors import (
    ContentRefused,
    OutcomeUnknown,
    ProviderDown,
    ProviderError,
    ProviderJobFailed,
    ProviderMisconfigured,
)


class SketchParams(Params):
    paper: Literal["white", "brown"] = "white"
    example: AssetId | None = None
    engine: Literal["ai"] = "ai"


class Sketch(Operation[SketchParams]):
    id, title, summary, stage, credits = "sketch", "Sketch", "Draws the product by hand.", "Drawing", 3
    params = SketchParams
    engines = ("ai",)
    ai = AiWork(
        provider="queued",
        model="pencil-1",
        price_micros=20_000,
        template="Draw the product of this photo with a pencil on {paper} paper.",
        placeholders=frozenset({"paper"}),
    )

    def words(self, params: SketchParams) -> dict[str, str]:
        return {"paper": params.paper}


class QueuedSettings(ProviderSettings):
    model_config = SettingsConfigDict(env_prefix="VITRINE_QUEUED_")

    base_url: str = "https://queued.example.com"


class QueuedConnection:
    """The vendor's three routes."""

    def __init__(self, own: QueuedSettings) -> None:
        key = own.api_key.get_secret_value() if own.api_key else ""
        headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=own.base_url, timeout=own.timeout_seconds, headers=headers)

    def aspect_ratio(self, width: int, height: int) -> str:
        return "1:1"

    def submit(self, request: EditRequest) -> Submitted:
        picture = base64.b64encode(request.picture).decode()
        others = {one.name: base64.b64encode(one.picture).decode() for one in request.others}
        body = {"model": request.model, "prompt": request.prompt, "picture": picture, "others": others}
        return Submitted(
            vendor_id=self._asked("POST", "/jobs", json=body, headers={"Idempotency-Key": request.key})["id"]
        )

    def poll(self, vendor_id: str) -> Pending | EditAnswer:
        found = self._asked("GET", f"/jobs/{vendor_id}")
        if found["state"] == "done":
            return EditAnswer(base64.b64decode(found["picture"]), found["cost_micros"])
        if found["state"] == "unsafe":
            raise ContentRefused(cause="unsafe")
        if found["state"] == "failed":
            raise ProviderJobFailed(cause="failed")
        return Pending()

    def cancel(self, vendor_id: str) -> None:
        self._asked("DELETE", f"/jobs/{vendor_id}")

    def classify(self, error: Exception) -> ProviderError | None:
        if isinstance(error, ProviderError):
            return error
        if isinstance(error, httpx.HTTPStatusError):
            return _classified(error.response.status_code, str(error))
        if isinstance(error, httpx.ConnectError):
            return ProviderDown(cause=str(error))
        if isinstance(error, httpx.HTTPError | ValueError | KeyError):  # no answer, or none that can be read
            return OutcomeUnknown(cause=repr(error))
        return None

    def _asked(self, method: str, path: str, **more: Any) -> Any:
        return self._http.request(method, path, **more).raise_for_status().json()


def _classified(status: int, cause: str) -> ProviderError:
    if status in (408, 502, 504):  # the vendor may have the job: it, or a gateway before it, did not wait
        return OutcomeUnknown(cause=cause)
    return ProviderDown(cause=cause) if status >= 500 else ProviderMisconfigured(cause=cause)


def _connect(own: QueuedSettings) -> Connection:
    return QueuedConnection(own)


OPERATION = Sketch()
PROVIDER = Provider(
    name="queued",
    title="Queued vendor",
    settings=QueuedSettings,
    connect=_connect,
    models=r"pencil-\d+",
    operations=frozenset({"sketch"}),
    takes_keys=True,
)

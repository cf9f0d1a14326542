"""A job that asks a provider, for every way the provider can answer: what its owner is told, what was tried, what was
charged, what staff can look up. The real SDK speaks to a fake of Google's API over a socket."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from pydantic import SecretStr
from sqlmodel import select

import config
import db
from config import Settings
from db.models.jobs import JobStatus
from db.models.library import Asset
from db.models.providers import CallStatus, PromptVersion, ProviderCall
from services import credits
from services.accounts.actor import Actor
from services.jobs import cancellation, reading, submission
from services.jobs.run import call_records, intermediates, provider_calls, retries
from services.jobs.views import JobView
from services.library import assets, storage
from services.studio import provenance
from services.studio.comparison import stored_comparison
from services.studio.providers import gemini
from services.studio.providers.errors import ProviderNotConfigured
from services.studio.providers.gemini import GeminiSettings
from tests.fakes.gemini import KEY, FakeGemini, fake_gemini
from tests.support.job_pictures import picture, shop_owner
from tests.support.job_workers import InlineWorker

RESTYLE = {"steps": [{"op": "restyle", "params": {"style": "cartoon", "size": "large", "words": "in green felt"}}]}
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"


@pytest.fixture
def google() -> Iterator[FakeGemini]:
    with fake_gemini() as fake:
        yield fake


def use(google: FakeGemini, settings: Settings, timeout_seconds: float = 60) -> None:
    own = GeminiSettings(api_key=SecretStr(KEY), base_url=google.url, timeout_seconds=timeout_seconds)
    config.configure(settings.model_copy(update={"providers": (own,)}))


@pytest.fixture
def shop(vitrine: Settings, google: FakeGemini) -> Actor:
    """A shop owner with 13 credits on an installation with a key, on each database in turn."""
    use(google, vitrine)
    return shop_owner()


@pytest.fixture
def shop_sqlite(vitrine_sqlite: Settings, google: FakeGemini) -> Actor:
    """The same on SQLite only."""
    use(google, vitrine_sqlite)
    return shop_owner()


def outcome_of(owner: Actor, worker: InlineWorker, recipe: object, photo: str, retries: int = 2) -> JobView:
    job = submission.submit(owner, recipe, photo)
    worker.run_all(retries)
    assert credits.verify_ledger() == []
    return reading.get_job(owner, job.id)


def recorded() -> list[ProviderCall]:
    with db.snapshot() as session:
        return list(session.exec(select(ProviderCall).order_by(ProviderCall.created_at)).all())  # type: ignore[arg-type]


@dataclass(frozen=True)
class Case:
    """How the provider behaves, and what must come of it. `calls` are the statuses written down, in order."""

    script: list[str]
    status: JobStatus
    calls: list[str]
    code: str | None = None
    says: str = ""
    retryable: bool = False
    waits: int = 0

    @property
    def id(self) -> str:
        return "+".join(self.script)


OK, REFUSED, FAILED, UNKNOWN = CallStatus.SUCCEEDED, CallStatus.REFUSED, CallStatus.FAILED, CallStatus.UNKNOWN
DONE, BROKEN = JobStatus.SUCCEEDED, JobStatus.FAILED

CASES = [
    Case(["picture"], DONE, [OK]),
    Case(["words_only"], BROKEN, [REFUSED], "nothing_made", "answered without a picture", retryable=True),
    Case(["no_image"], BROKEN, [REFUSED], "nothing_made", "answered without a picture", retryable=True),
    Case(["image_safety"], BROKEN, [REFUSED], "content_refused", "safety rules"),
    Case(["prohibited_content"], BROKEN, [REFUSED], "content_refused", "safety rules"),
    Case(["image_prohibited_content"], BROKEN, [REFUSED], "content_refused", "safety rules"),
    Case(["bad_request"], BROKEN, [REFUSED], "input_refused", "Try another photo"),
    Case(["wrong_key"], BROKEN, [FAILED], "provider_unavailable", "not available at the moment", retryable=True),
    Case(["unauthorized"], BROKEN, [FAILED], "provider_unavailable", "not available at the moment", retryable=True),
    Case(["forbidden"], BROKEN, [FAILED], "provider_unavailable", "not available at the moment", retryable=True),
    Case(["not_found"], BROKEN, [FAILED], "provider_unavailable", "not available at the moment", retryable=True),
    Case(["too_many", "picture"], DONE, [FAILED, OK], waits=1),
    Case(["too_many"] * 3, BROKEN, [FAILED] * 3, "provider_busy", "right now. Please", retryable=True, waits=2),
    Case(["come_back_much_later"], BROKEN, [FAILED], "provider_busy", "right now. Please", retryable=True),
    Case(["timed_out", "picture"], DONE, [UNKNOWN, OK], waits=1),
    Case(["bad_gateway", "picture"], DONE, [UNKNOWN, OK], waits=1),
    Case(["gateway_gave_up", "picture"], DONE, [UNKNOWN, OK], waits=1),
    Case(["internal", "picture"], DONE, [FAILED, OK], waits=1),
    Case(["internal"] * 3, BROKEN, [FAILED] * 3, "provider_unavailable", "answer. Please", retryable=True, waits=2),
    Case(["unavailable", "unavailable", "picture"], DONE, [FAILED, FAILED, OK], waits=2),
    Case(["slow", "picture"], DONE, [UNKNOWN, OK], waits=1),
    Case(["dropped", "picture"], DONE, [UNKNOWN, OK], waits=1),
    Case(["dropped"] * 3, BROKEN, [UNKNOWN] * 3, "provider_unavailable", "answer. Please", retryable=True, waits=2),
    Case(["not_json", "picture"], DONE, [UNKNOWN, OK], waits=1),
    Case(["empty", "picture"], DONE, [UNKNOWN, OK], waits=1),
    Case(["not_base64", "picture"], DONE, [UNKNOWN, OK], waits=1),
    Case(["not_gzip", "picture"], DONE, [UNKNOWN, OK], waits=1),
    Case(["unavailable", "image_safety"], BROKEN, [FAILED, REFUSED], "content_refused", "safety rules", waits=1),
    Case(["not_an_image"], BROKEN, [OK], "low_quality", "not a picture", retryable=True),
    Case(["blank"], BROKEN, [OK], "low_quality", "blank", retryable=True),
    Case(["unchanged"], BROKEN, [OK], "low_quality", "unchanged", retryable=True),
    Case(["wrong_shape"], BROKEN, [OK], "low_quality", "1536×672", retryable=True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_answer_of_the_provider_has_its_state_message_retries_and_charge(
    case: Case, shop_sqlite: Actor, google: FakeGemini, worker: InlineWorker
) -> None:
    if "slow" in case.script:
        use(google, config.settings(), timeout_seconds=3)
    google.script, google.otherwise = list(case.script), "not_found"
    photo = picture(shop_sqlite, side=300)
    job = outcome_of(shop_sqlite, worker, RESTYLE, photo)
    assert google.faults == []
    assert job.status == case.status, job.error
    assert [row.status for row in recorded()] == case.calls
    assert google.requests == len(case.calls)
    assert [row.attempt for row in recorded()] == list(range(1, len(case.calls) + 1))
    costs = {UNKNOWN: 39_000, FAILED: 0}  # what of these counts is certain: a picture's price, and nothing
    assert [row.cost_micros for row in recorded() if row.status in costs] == [
        costs[status] for status in case.calls if status in costs
    ]
    assert len(worker.checkpoints.waits) == case.waits
    balance = credits.balance(shop_sqlite)
    if case.status == DONE:
        assert (job.error, job.credits_charged, len(job.result_asset_ids)) == (None, 1, 1)
        assert (balance.available, balance.held) == (12, 0)
    else:
        assert job.error is not None
        assert (job.error.code, job.error.retryable) == (case.code, case.retryable)
        assert case.says in job.error.message and KEY not in job.error.message and "Google" not in job.error.message
        assert (job.credits_charged, job.result_asset_ids) == (0, ())
        assert (balance.available, balance.held) == (13, 0)
    assert [asset.id for asset in library(shop_sqlite)] == [*job.result_asset_ids, photo]
    assert len(stored_files()) == 3 * (1 + len(job.result_asset_ids)), "something was left in the store"


def library(owner: Actor) -> tuple[assets.AssetView, ...]:
    return assets.list_assets(owner).items


def stored_files() -> list[str]:
    return list(storage.current().keys(before=db.now() + timedelta(days=1)))


def test_a_pause_that_the_provider_asks_for_is_kept(
    shop_sqlite: Actor, google: FakeGemini, worker: InlineWorker
) -> None:
    google.script = ["too_many", "unavailable"]
    outcome_of(shop_sqlite, worker, RESTYLE, picture(shop_sqlite, side=300))
    first, second = worker.checkpoints.waits
    assert first == 17.0
    assert 1.0 < second < 17.0


def test_a_call_is_recorded_with_its_cost_model_and_prompt(
    shop: Actor, google: FakeGemini, worker: InlineWorker
) -> None:
    with db.transaction() as session:
        version = PromptVersion(
            operation="restyle", version=1, provider="gemini", model="gemini-next", price_micros=50_000,
            template="Make it {style}, {size}, for a shop window.{wishes}", author_id=shop.id,
        )  # fmt: skip
        session.add(version)
        version_id = version.id
    photo = picture(shop, side=700)
    job = outcome_of(shop, worker, RESTYLE, photo)
    (row,) = recorded()
    assert (row.job_id, row.user_id, row.run, row.step, row.attempt) == (job.id, shop.id, 1, 0, 1)
    assert (row.provider, row.model, row.operation) == ("gemini", "gemini-next", "restyle")
    assert row.prompt_version_id == version_id
    assert row.cost_micros == 50_000  # the picture; of its input tokens no price is known
    assert row.duration_ms is not None and row.finished_at is not None
    (sent,) = google.received
    assert sent.model == "gemini-next" and sent.aspect_ratio == "1:1"
    assert sent.prompt.startswith("Make it a cartoon plush toy") and '"in green felt"' in sent.prompt
    with Image.open(io.BytesIO(sent.picture)) as image:
        assert image.size == (700, 700)


def test_the_shipped_model_costs_its_picture_and_its_input(
    shop_sqlite: Actor, google: FakeGemini, worker: InlineWorker
) -> None:
    outcome_of(shop_sqlite, worker, RESTYLE, picture(shop_sqlite, side=300))
    (row,) = recorded()
    assert row.cost_micros == 39_000 + 120  # 400 tokens of input at USD 0.30 a million


def test_a_refusal_costs_us_its_input_and_nothing_else(
    shop_sqlite: Actor, google: FakeGemini, worker: InlineWorker
) -> None:
    google.script = ["prohibited_content"]
    outcome_of(shop_sqlite, worker, RESTYLE, picture(shop_sqlite, side=300))
    (row,) = recorded()
    assert (row.cost_micros, row.error_code, row.cause) == (120, "content_refused", "PROHIBITED_CONTENT")


def test_ai_steps_and_steps_on_this_machine_mix_in_one_recipe(
    shop: Actor, google: FakeGemini, worker: InlineWorker
) -> None:
    recipe = {
        "steps": [
            {"op": "rotate", "params": {"angle": 90}},
            {"op": "crop", "params": {"ratio": "4:3"}},
            {"op": "restyle"},
            {"op": "resize", "params": {"width": 300, "height": 300, "fit": "cover"}},
            {"op": "background", "params": {"color": "#ffffff"}},
        ],
        "output": {"format": "png"},
    }
    photo = picture(shop, side=800)
    job = outcome_of(shop, worker, recipe, photo)
    assert job.status == DONE, job.error
    assert job.credits_charged in (0, 2)  # 0 if the cut-out of the drawn bear is in doubt
    (sent,) = google.received
    assert sent.aspect_ratio == "4:3"
    with Image.open(io.BytesIO(sent.picture)) as image:
        assert image.size == (800, 600)
    result = assets.get_asset(shop, job.result_asset_ids[0])
    assert (result.width, result.height, result.content_type) == (300, 300, "image/png")
    assert result.operations == ("rotate", "crop", "restyle", "resize", "background")
    assert result.digital_source_type == provenance.AI_EDITED
    assert {check["name"] for check in result.details["checks"]} >= {"redrawn", "cutout_confidence", "size"}
    assert result.details["recipe"]["steps"][2]["op"] == "restyle"
    known = stored_comparison(result.details)
    assert known.registration is None and known.edges, "what is drawn anew lies over no photo, but has an edge"
    assert len(stored_files()) == 6


def test_a_transparent_photo_is_sent_on_white(shop_sqlite: Actor, google: FakeGemini, worker: InlineWorker) -> None:
    clear = np.zeros((900, 600, 4), np.uint8)
    clear[300:600, 200:400] = (200, 30, 30, 255)
    out = io.BytesIO()
    Image.fromarray(clear).save(out, "PNG")
    job = outcome_of(shop_sqlite, worker, RESTYLE, picture(shop_sqlite, data=out.getvalue()))
    assert job.status == DONE, job.error
    (sent,) = google.received
    assert sent.aspect_ratio == "2:3"
    with Image.open(io.BytesIO(sent.picture)) as image:
        assert image.mode == "RGB" and min(image.getpixel((5, 5))) > 250  # type: ignore[type-var, arg-type]


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "avif"])
def test_every_file_of_a_result_says_that_ai_had_a_hand_in_it(
    format: str, shop_sqlite: Actor, google: FakeGemini, worker: InlineWorker
) -> None:
    small = {"op": "resize", "params": {"width": 300, "height": 300}}  # so that the many files below are quickly made
    recipe = {"steps": [*RESTYLE["steps"], small], "output": {"format": format}}
    job = outcome_of(shop_sqlite, worker, recipe, picture(shop_sqlite, side=300))
    result = assets.get_asset(shop_sqlite, job.result_asset_ids[0])
    assert result.digital_source_type == provenance.AI_EDITED
    files = {
        variant: assets.content(shop_sqlite, result.id, variant).data for variant in ("original", "preview", "thumb")
    }
    files |= {
        f"as {other}": assets.content(shop_sqlite, result.id, format=other).data  # type: ignore[arg-type]
        for other in ("jpeg", "png", "webp", "avif")
    }
    files["smaller"] = assets.content(shop_sqlite, result.id, max_side=200).data
    files["beside the original"] = assets.before_after(shop_sqlite, result.id).data
    for name, data in files.items():
        with Image.open(io.BytesIO(data)) as image:
            assert source_type(image) == provenance.AI_EDITED, name
    further = outcome_of(shop_sqlite, worker, {"steps": [{"op": "rotate"}]}, result.id)
    assert assets.get_asset(shop_sqlite, further.result_asset_ids[0]).digital_source_type == provenance.AI_EDITED


def source_type(image: Image.Image) -> str:
    """What a reader of XMP finds in the file."""
    packet = image.info.get("xmp") or image.info["XML:com.adobe.xmp"].encode()
    description = ElementTree.fromstring(packet).find(f".//{{{RDF}}}Description")
    assert description is not None
    return description.attrib[f"{{{IPTC}}}DigitalSourceType"]


def test_a_result_made_on_this_machine_says_nothing_of_ai(owner_sqlite: Actor, worker: InlineWorker) -> None:
    job = outcome_of(owner_sqlite, worker, {"steps": [{"op": "rotate"}]}, picture(owner_sqlite))
    result = assets.get_asset(owner_sqlite, job.result_asset_ids[0])
    assert result.digital_source_type is None
    with Image.open(io.BytesIO(assets.content(owner_sqlite, result.id).data)) as image:
        assert "xmp" not in image.info


def test_a_retry_by_its_owner_is_a_new_run_with_calls_of_its_own(
    shop_sqlite: Actor, google: FakeGemini, worker: InlineWorker
) -> None:
    google.script = ["no_image"]
    job = outcome_of(shop_sqlite, worker, RESTYLE, picture(shop_sqlite, side=300))
    submission.retry_job(shop_sqlite, job.id)
    worker.run_all()
    assert reading.get_job(shop_sqlite, job.id).credits_charged == 1
    assert [(row.run, row.attempt, row.status) for row in recorded()] == [(1, 1, REFUSED), (2, 1, OK)]


def test_an_answer_that_was_written_down_is_not_asked_for_again(
    shop: Actor, google: FakeGemini, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker died between the answer and the checkpoint: the next one finds the picture."""
    photo = picture(shop, side=300)
    job = submission.submit(shop, RESTYLE, photo)

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(provider_calls.quality, "judge_answer", die)
        with pytest.raises(Killed):
            worker.run(job.id)
    assert worker.run(job.id)
    assert google.requests == 1 and [row.status for row in recorded()] == [OK]
    done = reading.get_job(shop, job.id)
    assert (done.status, done.credits_charged, done.attempts) == (DONE, 1, 2)


def test_a_call_whose_worker_died_stays_written_down_and_the_next_is_another_attempt(
    shop: Actor, google: FakeGemini, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submission.submit(shop, RESTYLE, picture(shop, side=300))

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(gemini.GeminiConnection, "submit", die)
        with pytest.raises(Killed):
            worker.run(job.id)
    assert worker.run(job.id)
    written = [(row.attempt, row.status, row.cost_micros) for row in recorded()]
    assert written == [(1, UNKNOWN, 39_000), (2, OK, 39_120)], "the first may have been paid for, too"
    assert google.requests == 1
    assert credits.balance(shop).available == 12


def test_a_start_that_no_longer_owns_the_run_calls_nobody(
    shop_sqlite: Actor, google: FakeGemini, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submission.submit(shop_sqlite, RESTYLE, picture(shop_sqlite, side=300))
    opened = call_records.opened

    def cancelled_first(*given: object) -> object:
        cancellation.cancel_job(shop_sqlite, job.id)
        return opened(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(call_records, "opened", cancelled_first)
    assert worker.run(job.id) is False
    assert (google.requests, recorded()) == (0, [])
    assert reading.get_job(shop_sqlite, job.id).status == JobStatus.CANCELLED
    assert credits.balance(shop_sqlite).available == 13


def test_an_outage_of_our_store_does_not_lose_a_picture_that_was_paid_for(
    shop_sqlite: Actor, google: FakeGemini, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = picture(shop_sqlite, side=300)
    real, broken = intermediates.store, [storage.StorageUnavailable(), storage.StorageUnavailable()]

    def flaky(data: bytes, content_type: str) -> str:
        if broken:
            raise broken.pop()
        return real(data, content_type)

    monkeypatch.setattr(intermediates, "store", flaky)
    monkeypatch.setattr(retries, "back_off", lambda retry: 0.0)
    job = outcome_of(shop_sqlite, worker, RESTYLE, photo)
    assert job.status == DONE and google.requests == 1


def test_a_picture_that_our_store_never_took_is_lost_but_not_its_cost(
    shop_sqlite: Actor, google: FakeGemini, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = picture(shop_sqlite, side=300)

    def away(*_: object) -> str:
        raise storage.StorageUnavailable

    monkeypatch.setattr(intermediates, "store", away)
    monkeypatch.setattr(retries, "back_off", lambda retry: 0.0)
    job = outcome_of(shop_sqlite, worker, RESTYLE, photo, retries=1)
    assert (job.status, job.credits_charged, google.requests) == (BROKEN, 0, 2)
    written = [(row.status, row.error_code, row.cost_micros) for row in recorded()]
    assert written == [(FAILED, "unavailable", 39_120)] * 2


def test_without_a_key_nothing_is_submitted_and_the_setting_is_named(owner_sqlite: Actor) -> None:
    photo = picture(owner_sqlite)
    mixed = {"steps": [{"op": "enhance"}, *RESTYLE["steps"]]}
    with pytest.raises(ProviderNotConfigured, match="VITRINE_GEMINI_API_KEY") as refused:
        submission.submit(owner_sqlite, mixed, photo)
    assert (refused.value.code, refused.value.status) == ("provider_unavailable", 503)
    with db.snapshot() as session:
        assert session.exec(select(Asset.id).where(Asset.kind == "result")).all() == []
    assert credits.balance(owner_sqlite).held == 0


def test_the_key_taken_away_while_a_job_waits_fails_it_uncharged(
    shop_sqlite: Actor, worker: InlineWorker, vitrine_sqlite: Settings
) -> None:
    job = submission.submit(shop_sqlite, RESTYLE, picture(shop_sqlite, side=300))
    config.configure(vitrine_sqlite)
    worker.run_all()
    failed = reading.get_job(shop_sqlite, job.id)
    assert failed.error is not None and failed.error.code == "provider_unavailable"
    assert credits.balance(shop_sqlite).available == 13

"""What the rest of the app knows of providers without talking to one."""

import pytest
from pydantic import SecretStr

import config
import db
from config import Settings
from db.models.providers import PromptVersion
from services.errors import Invalid
from services.studio import engines, prompts
from services.studio.operations import restyle
from services.studio.operations.restyle import RestyleParams
from services.studio.pricing import quote_now
from services.studio.providers import registry, resolver
from services.studio.providers.contract import EditRequest, NamedPicture
from services.studio.providers.errors import ProviderMisconfigured, ProviderNotConfigured
from services.studio.providers.gemini import GeminiConnection, GeminiSettings
from services.studio.recipes import legs, parse_recipe
from tests.fakes.gemini import KEY, fake_gemini
from tests.support.job_pictures import product_photo, shop_owner


def test_without_a_key_the_provider_sends_nothing_and_names_its_setting(vitrine_sqlite: Settings) -> None:
    found = registry.find("gemini")
    assert found is not None
    assert (found.name, found.is_configured, found.setting) == ("gemini", False, "VITRINE_GEMINI_API_KEY")
    with db.snapshot() as session, pytest.raises(ProviderNotConfigured, match="VITRINE_GEMINI_API_KEY"):
        resolver.resolve(session, restyle.OPERATION).open()
    engines.settled(parse_recipe({"steps": [{"op": "enhance"}]}))
    with pytest.raises(ProviderNotConfigured, match="Restyle"):
        engines.settled(parse_recipe({"steps": [{"op": "enhance"}, {"op": "restyle"}]}))


def test_with_a_key_it_is_on_and_keeps_its_connections(vitrine_sqlite: Settings) -> None:
    config.configure(vitrine_sqlite.model_copy(update={"providers": (GeminiSettings(api_key=SecretStr("a-key")),)}))
    assert resolver.can_run(restyle.OPERATION)
    found = registry.find("gemini")
    assert found is not None and found.open() is found.open()


@pytest.mark.parametrize(("provider", "model"), [("gone", "gemini-2.5-flash-image"), ("gemini", "flux")])
def test_a_version_that_no_provider_can_do_switches_the_operation_off(
    provider: str, model: str, vitrine_sqlite: Settings
) -> None:
    config.configure(vitrine_sqlite.model_copy(update={"providers": (GeminiSettings(api_key=SecretStr("a-key")),)}))
    author = shop_owner()
    with db.transaction() as session:
        row = PromptVersion(
            operation="restyle", version=1, provider=provider, model=model, price_micros=1,
            template="{style} {size} {wishes}", author_id=author.id,
        )  # fmt: skip
        session.add(row)
    assert (resolver.can_run(restyle.OPERATION), resolver.setting_of(restyle.OPERATION)) == (False, None)
    with pytest.raises(ProviderNotConfigured, match="by AI is not available"):
        quote_now(parse_recipe({"steps": [{"op": "restyle"}]}))


@pytest.mark.parametrize("key, address", [("", ""), ("kéy", ""), ("k\ney", ""), ("key", "generativelanguage.invalid")])
def test_a_key_or_address_that_cannot_be_sent_is_ours_to_mend_and_not_tried_again(key: str, address: str) -> None:
    with fake_gemini() as google:
        gemini = GeminiConnection(key, address or google.url, 1)
        with pytest.raises(Exception) as raised:
            gemini.submit(EditRequest("m", "p", b"GIF89a", "image/gif", "1:1", 1))
        refused = gemini.classify(raised.value)
    assert isinstance(refused, ProviderMisconfigured) and google.requests == 0
    assert not refused.transient and "k\\ney" not in refused.cause


@pytest.mark.parametrize(
    ("size", "ratio"),
    [((1000, 1000), "1:1"), ((4000, 3000), "4:3"), ((3000, 4000), "3:4"), ((1920, 1080), "16:9"), ((5000, 900), "21:9"),
     ((1080, 1350), "4:5"), ((100, 2000), "9:16")],
)  # fmt: skip
def test_the_nearest_shape_is_asked_for(size: tuple[int, int], ratio: str) -> None:
    assert GeminiConnection("key", "http://localhost", 1).aspect_ratio(*size) == ratio


def test_further_pictures_follow_the_first_each_after_its_name() -> None:
    photo, hat = product_photo(), product_photo(seed=1)
    others = (NamedPicture("garment_back", hat, "image/png"),)
    words = "Show the toy with the garment."
    with fake_gemini() as google:
        sent = EditRequest("gemini-2.5-flash-image", words, photo, "image/png", "1:1", 1, others=others)
        GeminiConnection(KEY, google.url, 5).submit(sent)
    assert google.faults == []
    (received,) = google.received
    assert (received.picture, received.others, received.prompt) == (photo, {"garment back:": hat}, words)


def test_words_of_a_shop_owner_are_quoted_and_never_read_as_a_template() -> None:
    template = prompts.shipped("restyle").template
    sent = prompts.filled("restyle", template, RestyleParams(style="realistic", size="small", words="a {style} bow"))
    assert "realistic plush toy" in sent and "palm" in sent and sent.endswith('wishes: "a {style} bow"')
    assert "wishes" not in prompts.filled("restyle", template, RestyleParams())


def test_a_template_that_cannot_be_filled_is_refused() -> None:
    with pytest.raises(Invalid, match="placeholders"):
        prompts.check_template("restyle", "{style} {size} {wishes} {0}")


def test_a_recipe_is_cut_where_a_provider_is_asked() -> None:
    steps = ["enhance", "upscale", "restyle", "restyle", "adjust"]
    found = legs(parse_recipe({"steps": [{"op": op} for op in steps]}))
    assert [(leg.first, [step.op for step in leg.steps], leg.by_provider) for leg in found] == [
        (0, ["enhance", "upscale"], False),
        (2, ["restyle"], True),
        (3, ["restyle"], True),
        (4, ["adjust"], False),
    ]
    (alone, rest) = legs(parse_recipe({"steps": [{"op": "restyle"}]}))
    assert alone.by_provider and rest.steps == ()
    (whole,) = legs(parse_recipe({"steps": [{"op": "enhance"}]}))
    assert not whole.by_provider

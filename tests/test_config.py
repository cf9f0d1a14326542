"""Settings: none needed to start, and the unsafe ones refused in production."""

from pathlib import Path

import pytest
from pydantic import ValidationError

import config
from config import Settings
from services.studio.providers import registry
from services.studio.providers.gemini import GeminiSettings

SAFE = {
    "env": "production",
    "secret_key": "k" * 40,
    "public_url": "https://studio.example.com",
    "database_url": "postgresql+psycopg://u@h/d",
    "stripe_api_key": "sk_live_x",
    "stripe_webhook_secret": "whsec_x",
}


def make(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type, call-arg]


def test_with_no_settings_everything_is_under_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VITRINE_DATABASE_URL", "VITRINE_STORAGE_URL", "VITRINE_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    settings = make()
    assert settings.database_url == f"sqlite:///{Path('data').absolute()}/vitrine.db"
    assert settings.storage_url.startswith("file://")
    assert settings.embedded_worker


def test_a_safe_production_configuration_is_accepted() -> None:
    assert make(**SAFE).cookie_secure


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"secret_key": "development-only-secret-change-me"}, "VITRINE_SECRET_KEY"),
        ({"secret_key": "short"}, "VITRINE_SECRET_KEY"),
        ({"public_url": "http://studio.example.com"}, "VITRINE_PUBLIC_URL"),
        ({"database_url": "sqlite:////tmp/x.db", "embedded_worker": False}, "VITRINE_DATABASE_URL"),
        ({"allow_private_urls": True}, "VITRINE_ALLOW_PRIVATE_URLS"),
        ({"stripe_api_key": None, "stripe_webhook_secret": None}, "VITRINE_STRIPE_API_KEY"),
        ({"stripe_base_url": "http://api.stripe.com"}, "VITRINE_STRIPE_BASE_URL"),
    ],
)
def test_production_refuses_an_unsafe_setting_and_says_which(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        make(**{**SAFE, **change})


def test_production_sends_a_providers_key_over_tls_only() -> None:
    own = GeminiSettings(base_url="http://generativelanguage.googleapis.com")
    assert make(providers=(own,)).provider(GeminiSettings) is own
    with pytest.raises(ValueError, match="VITRINE_GEMINI_BASE_URL"):
        make(**SAFE, providers=(own,)).provider(GeminiSettings)


def test_a_providers_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_GEMINI_API_KEY", "  ")
    monkeypatch.setenv("VITRINE_GEMINI_TIMEOUT_SECONDS", "7")
    config.configure(make())
    found = config.settings().provider(GeminiSettings)
    assert (found.api_key, found.is_complete, found.timeout_seconds) == (None, False, 7)
    monkeypatch.setenv("VITRINE_GEMINI_API_KEY", "a-key")
    config.configure(None)
    assert make().provider(GeminiSettings).is_complete


def test_rates_are_counted_in_redis_or_in_memory_and_nowhere_else() -> None:
    with pytest.raises(ValidationError, match="VITRINE_RATE_LIMIT_URL"):
        make(rate_limit_url="memcached://localhost")


def test_a_stripe_key_without_its_webhook_secret_is_refused_everywhere() -> None:
    for half in ({"stripe_api_key": "sk_test_x"}, {"stripe_webhook_secret": "whsec_x"}):
        with pytest.raises(ValidationError, match="VITRINE_STRIPE_WEBHOOK_SECRET, or neither"):
            make(**half)


def test_models_come_from_a_web_address_only() -> None:
    assert make().models_url.startswith("https://github.com/danielgatis/rembg/")
    assert make(models_url="http://mirror.local/rembg").models_url == "http://mirror.local/rembg"
    with pytest.raises(ValidationError, match="VITRINE_MODELS_URL"):
        make(models_url="file:///models")


@pytest.mark.parametrize("nothing", ["", "  "])
def test_a_setting_of_nothing_is_not_set(nothing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As compose files write it: `VITRINE_STRIPE_WEBHOOK_SECRET: ${STRIPE_WEBHOOK_SECRET:-}`."""
    for name in Settings.model_fields:
        monkeypatch.setenv(f"VITRINE_{name.upper()}", nothing)
    set_to_nothing = make()
    for name in Settings.model_fields:
        monkeypatch.delenv(f"VITRINE_{name.upper()}")
    assert set_to_nothing == make()
    monkeypatch.setenv("VITRINE_STRIPE_WEBHOOK_SECRET", nothing)
    with pytest.raises(ValidationError, match="VITRINE_STRIPE_WEBHOOK_SECRET, or neither"):
        make(stripe_api_key="sk_live_x")


def test_every_setting_is_listed_in_the_example_file() -> None:
    listed = Path(__file__).parents[1].joinpath(".env.example").read_text()
    missing = [name for name in Settings.model_fields if f"VITRINE_{name.upper()}=" not in listed]
    assert missing == ["providers", "allow_private_urls"]  # for tests only
    for one in registry.providers():
        named = [one.settings.variable(field) for field in one.settings.model_fields]
        assert [name for name in named if f"{name}=" not in listed] == []

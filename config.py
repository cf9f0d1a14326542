"""All settings, read once from the environment (prefix VITRINE_) and .env, and validated together."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

INSECURE_SECRET = "development-only-secret-change-me"  # noqa: S105  refused in production
VERSION = "0.1.0"
ENV_FILE: str | None = ".env"


class ProviderSettings(BaseSettings):
    """What every provider's settings have. A provider's module has a subclass with its prefix, `VITRINE_<NAME>_`, its
    address and whatever else it needs."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    api_key: SecretStr | None = None
    base_url: str
    timeout_seconds: float = Field(default=90.0, ge=1, le=600)

    @property
    def is_complete(self) -> bool:
        """Whether calls can be made."""
        return self.api_key is not None

    @classmethod
    def variable(cls, name: str) -> str:
        """The environment's name of one of them, such as `VITRINE_GEMINI_API_KEY`."""
        return f"{cls.model_config['env_prefix']}{name}".upper()

    @model_validator(mode="before")
    @classmethod
    def _leave_blanks_out(cls, given: dict[str, object]) -> dict[str, object]:
        return _without_blanks(given)


OneProviders = TypeVar("OneProviders", bound=ProviderSettings)


class Settings(BaseSettings):
    """Every setting has a default that lets the app start embedded; production refuses the unsafe ones. One that is set
    to nothing (`VITRINE_X=`) is not set."""

    model_config = SettingsConfigDict(env_prefix="VITRINE_", env_file=ENV_FILE, env_ignore_empty=True, extra="ignore")

    env: Literal["development", "production"] = "development"
    secret_key: SecretStr = SecretStr(INSECURE_SECRET)
    data_dir: Path = Path("data")
    database_url: str = ""
    storage_url: str = ""
    s3_endpoint_url: str | None = None
    s3_access_key_id: str | None = None
    s3_secret_access_key: SecretStr | None = None
    s3_region: str = "us-east-1"
    port: int = Field(default=8501, ge=1, le=65535)
    public_url: str = ""
    embedded_worker: bool = True
    cookie_secure: bool | None = None
    metrics_token: SecretStr | None = None
    trusted_proxies: str = ""
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    stripe_api_key: SecretStr | None = None
    stripe_webhook_secret: SecretStr | None = None
    stripe_base_url: str = "https://api.stripe.com"

    max_upload_bytes: int = Field(default=25 * 1024 * 1024, ge=1)
    max_pixels: int = Field(default=50_000_000, ge=1)
    pixel_helpers: int = Field(default=2, ge=1, le=64)
    pixel_queue: int = Field(default=32, ge=0)
    pixel_memory_mb: int = Field(default=2048, ge=256)
    cutout_model: str = "auto"
    models_dir: Path | None = None
    model_download: bool = True
    models_url: str = "https://github.com/danielgatis/rembg/releases/download/v0.0.0"
    extensions: str = ""

    providers: Annotated[tuple[ProviderSettings, ...], NoDecode] = ()  # those not read from the environment

    worker_concurrency: int = Field(default=1, ge=1, le=64)
    worker_provider_concurrency: int = Field(default=4, ge=1, le=64)
    worker_poll_seconds: float = Field(default=3.0, gt=0)  # the net under the wake-ups of new work
    worker_heartbeat_seconds: float = Field(default=1.0, gt=0)
    worker_dead_after_seconds: float = Field(default=6.0, gt=0)
    worker_drain_seconds: float = Field(default=30.0, gt=0)
    job_retention_days: int = Field(default=7, ge=1)

    session_max_age_seconds: int = Field(default=30 * 24 * 3600, ge=60)
    session_idle_seconds: int = Field(default=7 * 24 * 3600, ge=60)
    rate_limit_per_minute: int = Field(default=600, ge=1)
    rate_limit_url: str = ""
    allow_private_urls: bool = Field(
        default=False, description="Let URL import reach private addresses; for tests only."
    )

    @model_validator(mode="before")
    @classmethod
    def _leave_blanks_out(cls, given: dict[str, object]) -> dict[str, object]:
        """A setting of nothing but spaces is not set."""
        return _without_blanks(given)

    @model_validator(mode="after")
    def _derive(self) -> Self:
        self.data_dir = self.data_dir.absolute()
        self.database_url = self.database_url or f"sqlite:///{self.data_dir / 'vitrine.db'}"
        self.storage_url = self.storage_url or f"file://{self.data_dir / 'storage'}"
        self.public_url = (self.public_url or f"http://localhost:{self.port}").rstrip("/")
        if self.cookie_secure is None:
            self.cookie_secure = self.public_url.startswith("https://")
        self.stripe_base_url = self.stripe_base_url.rstrip("/")
        if self.rate_limit_url and not self.rate_limit_url.startswith(("redis://", "rediss://")):
            raise ValueError("Set VITRINE_RATE_LIMIT_URL to a redis:// or rediss:// address, or leave it out.")
        if not self.models_url.startswith(("http://", "https://")):
            raise ValueError("Set VITRINE_MODELS_URL to an http:// or https:// address, or leave it out.")
        if (self.stripe_api_key is None) != (self.stripe_webhook_secret is None):
            raise ValueError(
                "Set both VITRINE_STRIPE_API_KEY and VITRINE_STRIPE_WEBHOOK_SECRET, or neither: "
                "with one alone people would pay and get no credits."
            )
        self.models_dir = self.models_dir or self.data_dir / "models"
        if self.env == "production":
            self._refuse_unsafe()
        return self

    def _refuse_unsafe(self) -> None:
        secret = self.secret_key.get_secret_value()
        if secret == INSECURE_SECRET or len(secret) < 32:
            raise ValueError("Set VITRINE_SECRET_KEY to at least 32 random characters: production refuses the default.")
        if not self.cookie_secure:
            raise ValueError("Set VITRINE_PUBLIC_URL to an https:// address: production sends cookies over TLS only.")
        if self.is_sqlite and not self.embedded_worker:
            raise ValueError(
                "Set VITRINE_DATABASE_URL to PostgreSQL: SQLite cannot be shared between machines, "
                "so it needs VITRINE_EMBEDDED_WORKER=1."
            )
        if self.allow_private_urls:
            raise ValueError("Unset VITRINE_ALLOW_PRIVATE_URLS: production never fetches private addresses.")

        if self.stripe_api_key is None:
            raise ValueError(
                "Set VITRINE_STRIPE_API_KEY and VITRINE_STRIPE_WEBHOOK_SECRET: without them credits are sold through "
                "the test checkout, where nobody pays, and production refuses that."
            )
        if not self.stripe_base_url.startswith("https://"):
            raise ValueError("Set VITRINE_STRIPE_BASE_URL to an https:// address: it is sent the Stripe key.")

    def provider(self, kind: type[OneProviders]) -> OneProviders:
        """A provider's settings. Raises ValueError for ones that are wrong or that production refuses."""
        found = next((one for one in self.providers if isinstance(one, kind)), None) or _of_environment(kind)
        if self.env == "production" and not found.base_url.startswith("https://"):
            raise ValueError(f"Set {kind.variable('base_url')} to an https:// address: it is sent the provider's key.")
        return found

    @property
    def wanted_model(self) -> str | None:
        """The cut-out model to use, "auto" for the default one if it is here; None for the built-in cut-out."""
        return None if self.cutout_model == "built-in" else self.cutout_model

    @property
    def extension_modules(self) -> tuple[str, ...]:
        """Names of the modules whose operations and providers are added to the studio's own."""
        return tuple(name for part in self.extensions.split(",") if (name := part.strip()))

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def _without_blanks(given: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in given.items() if not (isinstance(value, str) and value.isspace())}


@cache
def _of_environment(kind: type[OneProviders]) -> OneProviders:
    return kind(_env_file=ENV_FILE)


_current: Settings | None = None


def settings() -> Settings:
    """The process's settings, read from the environment on first use."""
    global _current
    if _current is None:
        _current = Settings()
    return _current


def configure(new: Settings | None) -> None:
    """Use `new` from here on; None reads the environment again. Only `services.bootstrap` and tests call it."""
    global _current
    _current = new
    _of_environment.cache_clear()

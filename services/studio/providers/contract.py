"""What a generative provider is: what it says of itself (`Provider`) and how it is talked to (`Connection`).

The app's process imports every provider to see what can run, so an adapter loads its SDK on its first call.
See docs/how-to/add-a-provider.md.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

from config import ProviderSettings, settings
from services.studio.providers.errors import ProviderError, ProviderJobFailed

S = TypeVar("S", bound=ProviderSettings)


@dataclass(frozen=True)
class NamedPicture:
    """A further picture that a step works with, by the name of the operation's parameter for it."""

    name: str
    picture: bytes
    content_type: str


@dataclass(frozen=True)
class EditRequest:
    """One picture to be changed as `prompt` says. `aspect_ratio` is one of the provider's own, such as 4:3;
    `price_micros` is what one picture by `model` costs, in millionths of a US dollar. `key` is the same again when it
    is not known what came of a submission: a provider that takes idempotency keys then has one job and not two.
    `others` are the further pictures that the step names."""

    model: str
    prompt: str
    picture: bytes
    content_type: str
    aspect_ratio: str
    price_micros: int
    key: str = ""
    others: tuple[NamedPicture, ...] = ()


@dataclass(frozen=True)
class EditAnswer:
    """The encoded picture that came back, not yet looked at, and what it cost us in millionths of a US dollar; None for
    the price of the request."""

    picture: bytes
    cost_micros: int | None = None


@dataclass(frozen=True)
class Submitted:
    """What a submission brought: the answer itself, or the id of the provider's job, to be polled."""

    vendor_id: str | None = None
    answer: EditAnswer | None = None


@dataclass(frozen=True)
class Pending:
    """The provider's job is not done. It asks not to be polled again for `retry_after` seconds."""

    retry_after: float | None = None


class Connection(Protocol):
    """A provider as its settings have it now. Nothing retries by itself; the workflow does, and counts."""

    def aspect_ratio(self, width: int, height: int) -> str:
        """The shape to ask for that is nearest to a picture of this size."""

    def submit(self, request: EditRequest) -> Submitted:
        """Send one request, once. This is what is paid for."""

    def poll(self, vendor_id: str) -> Pending | EditAnswer:
        """How far a job is. A transient error leaves it to be polled again, unless it is ProviderJobFailed."""

    def cancel(self, vendor_id: str) -> None:
        """Have the provider give a job up; one that has ended already is none of our business."""

    def classify(self, error: Exception) -> ProviderError | None:
        """What an error of these calls means, its cost included; None for a fault that is ours."""


class AnswersAtOnce:
    """The rest of the protocol for a provider whose submissions bring the answer."""

    def poll(self, vendor_id: str) -> Pending | EditAnswer:
        raise ProviderJobFailed(cause=f"this provider has no jobs, so none with the id {vendor_id}")

    def cancel(self, vendor_id: str) -> None:
        """Nothing is left to be cancelled."""


@dataclass(frozen=True, eq=False)
class Provider(Generic[S]):
    """One provider: its module beside this one holds one instance as `PROVIDER`.

    `models` is a regular expression for the names of its models. `operations` are the ids of those it can do; None
    stands for any, as with a model that takes a picture and words. `prices` are published prices of a picture by model,
    in millionths of a US dollar. `takes_keys` says that submissions with the same key are one, paid for once.
    """

    name: str
    title: str
    settings: type[S]
    connect: Callable[[S], Connection]
    models: str
    operations: frozenset[str] | None = None
    prices: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    takes_keys: bool = False

    @property
    def setting(self) -> str:
        """The setting that switches it on."""
        return self.settings.variable("api_key")

    @property
    def is_configured(self) -> bool:
        """Whether calls can be made."""
        return settings().provider(self.settings).is_complete

    def does(self, operation: str) -> bool:
        """Whether some model of its can do that operation."""
        return self.operations is None or operation in self.operations

    def can_do(self, operation: str, model: str) -> bool:
        """Whether that model of its can do that operation."""
        return self.does(operation) and bool(re.fullmatch(self.models, model))

    def open(self) -> Connection:
        """The process's connection for the settings of now: it is kept from call to call."""
        return _connected(self, settings().provider(self.settings))


@lru_cache(maxsize=16)
def _connected(provider: Provider[Any], own: ProviderSettings) -> Connection:
    return provider.connect(own)

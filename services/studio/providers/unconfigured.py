"""A provider without a key: known by name, sends nothing."""

from dataclasses import dataclass
from typing import NoReturn

from services.studio.providers.contract import EditRequest, ProviderNotConfigured


@dataclass(frozen=True)
class UnconfiguredProvider:
    """Stands where a provider would, so that the rest need not ask whether there is one."""

    name: str
    setting: str
    is_configured: bool = False

    def aspect_ratio(self, width: int, height: int) -> str:
        return "1:1"

    def edit(self, request: EditRequest) -> NoReturn:
        raise ProviderNotConfigured("The AI service", self.setting)

"""The page of a list that an address asks for, whatever somebody wrote there."""

from types import ModuleType, SimpleNamespace

import pytest

from components import gallery_filters, product_filters


@pytest.mark.parametrize("module", [gallery_filters, product_filters])
@pytest.mark.parametrize(
    ("written", "page"), [("3", 3), ("0", 1), ("-2", 1), ("²", 1), ("x", 1), ("", 1), ("9" * 20, 1), ("9" * 5000, 1)]
)
def test_an_address_with_an_odd_page_shows_the_first(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, written: str, page: int
) -> None:
    monkeypatch.setattr(module, "st", SimpleNamespace(session_state={}, query_params={module.PAGE: written}))
    assert module.chosen_page() == page

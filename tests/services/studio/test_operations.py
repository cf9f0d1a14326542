"""The catalogue: what every operation declares."""

import pytest

from services.studio.operations import registry
from services.studio.operations.contract import AssetId, Operation, Params
from services.studio.operations.crop import Crop


def test_the_catalogue_has_every_operation_at_its_price() -> None:
    assert {operation.id: operation.credits for operation in registry.operations()} == {
        "remove_background": 1,
        "touch_up": 0,
        "enhance": 1,
        "upscale": 1,
        "crop": 0,
        "rotate": 0,
        "resize": 0,
        "adjust": 0,
        "background": 1,
        "shadow": 0,
        "restyle": 1,
        "two_shots": 2,
    }


def test_every_parameter_is_described_and_no_other_is_accepted() -> None:
    for operation in registry.operations():
        schema = operation.params.model_json_schema()
        assert schema["additionalProperties"] is False
        for name, declared in schema["properties"].items():
            assert declared.get("description"), f"{operation.id}.{name}"


def test_included_operations_exist() -> None:
    assert registry.operation("background").includes == ("remove_background",)
    assert all(registry.find(other) for operation in registry.operations() for other in operation.includes)


def test_an_id_is_taken_once_and_unknown_extensions_stop_the_start() -> None:
    with pytest.raises(ValueError, match="two operations with the id 'crop'"):
        registry.register(Crop())
    with pytest.raises(ValueError, match="Operation does not say its id, title"):
        registry.register(Operation())
    registry.register(registry.operation("crop"))
    try:
        with pytest.raises(ImportError):
            registry.reset(["no_such_extension"])
    finally:
        registry.reset(())
    assert registry.find("crop") and registry.find("vanish") is None and registry.find(7) is None


def test_pictures_are_found_by_the_type_of_the_parameter() -> None:
    class Framed(Operation[_FramedParams]):
        id, title, summary, stage, credits, params = "framed", "Framed", "In a frame.", "Framing", 0, _FramedParams

    assert Framed().pictures(_FramedParams(frame="ast_1", size=3)) == {"frame": "ast_1"}
    assert Framed().pictures(_FramedParams(frame="ast_1", other="ast_2", size=3)) == {
        "frame": "ast_1",
        "other": "ast_2",
    }


class _FramedParams(Params):
    frame: AssetId
    other: AssetId | None = None
    size: int

"""The catalogue: what every operation declares."""

import subprocess
import sys

from services.studio.operations import CATALOGUE


def test_the_catalogue_has_every_operation_at_its_price() -> None:
    assert {operation.id: operation.credits for operation in CATALOGUE.values()} == {
        "remove_background": 1,
        "enhance": 1,
        "upscale": 1,
        "crop": 0,
        "rotate": 0,
        "resize": 0,
        "adjust": 0,
        "background": 1,
        "shadow": 0,
        "restyle": 1,
    }


def test_every_parameter_is_described_and_no_other_is_accepted() -> None:
    for operation in CATALOGUE.values():
        schema = operation.params.model_json_schema()
        assert schema["additionalProperties"] is False
        for name, declared in schema["properties"].items():
            assert declared.get("description"), f"{operation.id}.{name}"


def test_included_operations_exist() -> None:
    assert CATALOGUE["background"].includes == ("remove_background",)
    assert all(other in CATALOGUE for operation in CATALOGUE.values() for other in operation.includes)


def test_what_the_app_process_imports_brings_no_opencv() -> None:
    modules = "operations, recipes, pricing, marketplaces, encoding, framing, quality, compare, rendered"
    program = f"import sys; from services.studio import {modules}; print('cv2' in sys.modules, 'rembg' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "False"]

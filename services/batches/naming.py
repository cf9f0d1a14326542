"""The rule that names the pictures in a batch's ZIP: text with `{name}`, `{sku}` and `{n}` in it."""

import re

from services.errors import FieldError, Invalid

DEFAULT_NAMING = "{name}"
MAX_LENGTH = 120
_FIELD = re.compile(r"\{([^{}]*)\}")
_KNOWN = ("name", "sku", "n")


def check_naming(naming: str) -> None:
    """Raises Invalid for a rule that cannot be followed."""
    problem = None
    if not naming.strip() or len(naming) > MAX_LENGTH:
        problem = f"A naming rule has 1 to {MAX_LENGTH} characters."
    elif unknown := [name for name in _FIELD.findall(naming) if name not in _KNOWN]:
        problem = f"{{{unknown[0]}}} is not known. Use {{name}}, {{sku}} or {{n}}."
    if problem:
        raise Invalid(problem, errors=(FieldError("naming", problem),))


def named(naming: str, *, name: str, sku: str, number: int) -> str:
    """The stem of a picture's file: `{name}` is the result's own, `{sku}` that of its product (the name without one),
    `{n}` the place of its photo in the batch."""
    values = {"name": name, "sku": sku or name, "n": f"{number:03d}"}
    return _FIELD.sub(lambda found: values[found.group(1)], naming)

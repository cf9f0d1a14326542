"""A recipe with one thing about it fixed, as a marketplace rule asks."""

from collections.abc import Mapping
from typing import Any


def fixed(recipe: Mapping[str, Any], fix: Mapping[str, Any]) -> dict[str, Any]:
    """`recipe` with `fix` put in: a step replaces the last of its operation (else it is added), an output is merged."""
    steps = [dict(step) for step in recipe["steps"]]
    output = {**recipe.get("output", {}), **fix.get("output", {})}
    if "op" not in fix:
        return {"steps": steps, "output": output}
    places = [number for number, step in enumerate(steps) if step["op"] == fix["op"]]
    step = {"op": fix["op"], "params": dict(fix["params"])}
    if places:
        steps[places[-1]] = step
    else:
        steps.append(step)
    return {"steps": steps, "output": output}

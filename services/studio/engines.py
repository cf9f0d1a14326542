"""Who runs each step of a recipe: what it asks for, against what can run now."""

from typing import Any

from sqlmodel import Session

from services.studio.operations.contract import Engine, Operation
from services.studio.providers import resolver
from services.studio.providers.errors import ProviderNotConfigured
from services.studio.recipes import Recipe, Step


def settled(recipe: Recipe, session: Session | None = None) -> Recipe:
    """The recipe with the engine of each step chosen, so that it runs as it was quoted wherever it runs.

    `auto` becomes the operation's best engine that can run now, where it has several. Raises ProviderNotConfigured for
    a step that nobody here can run as asked.
    """
    for step in recipe.steps:
        if would_run(step, session) == "ai" and not resolver.can_run(step.operation, session):
            raise ProviderNotConfigured(step.operation.title, resolver.setting_of(step.operation))
    return recipe.model_copy(update={"steps": tuple(_settled(step, session) for step in recipe.steps)})


def able(operation: Operation[Any], session: Session | None = None) -> tuple[Engine, ...]:
    """The engines that can run an operation now, the best first."""
    return tuple(one for one in operation.engines if one == "on_device" or resolver.can_run(operation, session))


def would_run(step: Step, session: Session | None = None) -> Engine:
    """The engine that runs a step if it is submitted now; where none can, the one that it asks for."""
    wanted = getattr(step.params, "engine", "auto")
    return step.engine if wanted != "auto" else next(iter(able(step.operation, session)), step.engine)


def _settled(step: Step, session: Session | None) -> Step:
    if len(step.operation.engines) == 1:
        return step
    return step.model_copy(update={"params": step.params.model_copy(update={"engine": would_run(step, session)})})

"""Remove background: the product alone, on transparent ground."""

from pydantic import Field

from services.studio.operations.contract import EngineChoice, Operation, Params, form


class RemoveBackgroundParams(Params):
    engine: EngineChoice = Field(
        "auto",
        description="Who cuts out: `auto` takes the best engine that can run now.",
        json_schema_extra=form(hidden=True),
    )


class RemoveBackground(Operation[RemoveBackgroundParams]):
    id = "remove_background"
    title = "Remove background"
    summary = "Cuts the product out and leaves the rest transparent. Says how sure it is."
    params = RemoveBackgroundParams
    credits = 1
    stage = "Removing the background"
    weight = 8.0
    opaque_only = True
    position = 10
    own_card = False

    def transparency(self, params: RemoveBackgroundParams) -> bool:
        return True


OPERATION = RemoveBackground()

"""Shadow: ground a cut-out product with a soft contact shadow or a reflection."""

from typing import Literal

from pydantic import Field

from services.studio.framing import Frame
from services.studio.operations.background import BackgroundParams
from services.studio.operations.contract import Operation, Params, form


class ShadowParams(Params):
    kind: Literal["contact", "reflection"] = Field(
        "contact",
        description="A soft contact shadow, or a reflection as on glass.",
        json_schema_extra=form(words={"contact": "Soft shadow", "reflection": "Reflection"}),
    )
    strength: float = Field(
        0.5, ge=0, le=1, description="From 0 (none) to 1 (strong).", json_schema_extra=form(percent=True, step=0.05)
    )


class Shadow(Operation[ShadowParams]):
    id = "shadow"
    title = "Shadow"
    summary = "Grounds a cut-out product with a soft contact shadow or a reflection."
    params = ShadowParams
    credits = 0
    stage = "Adding a shadow"
    position = 90
    own_card = False

    def frame(self, frame: Frame, params: ShadowParams) -> Frame | None:
        return None  # the frame grows where the shadow wants room

    def must_change(self, params: ShadowParams) -> bool:
        return params.strength != 0

    def merged_into(self, before: Params, params: ShadowParams) -> Params | None:
        """A shadow right after a background belongs between background and product."""
        if not isinstance(before, BackgroundParams):
            return None
        return before.model_copy(update={"shadow": params.kind, "shadow_strength": params.strength})


OPERATION = Shadow()

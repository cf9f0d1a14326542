"""Glass, mesh and lace: two photos of a thing, on white and on black paper, make a cut-out one can see through."""

from pydantic import Field

from services.studio.operations.contract import AssetId, Operation, Params


class TwoShotsParams(Params):
    on_black: AssetId = Field(
        title="The photo on black paper",
        description="The same product in the same place, on black paper. Which of the two photos is on white and which "
        "on black is seen by itself.",
    )


class TwoShots(Operation[TwoShotsParams]):
    id = "two_shots"
    title = "Glass, mesh and lace: two photos"
    summary = (
        "Cuts out exactly what one can see through. Take a photo on white paper, change nothing but the paper, and "
        "take it again on black."
    )
    params = TwoShotsParams
    credits = 2
    includes = ("remove_background",)
    stage = "Cutting out of both photos"
    weight = 8.0
    first_only = True
    position = 15

    def transparency(self, params: TwoShotsParams) -> bool:
        return True

    def file_word(self, params: TwoShotsParams) -> str:
        return "cut-out"


OPERATION = TwoShots()

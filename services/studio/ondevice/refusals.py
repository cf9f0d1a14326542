"""Why a step cannot be done with a picture, in words for the shop owner. The pipeline tells the person, and nothing is
charged. `code` is stable; a refusal is about the picture or recipe unless it says that the installation is at fault."""


class Refusal(Exception):
    """Raised by pixels with the words to show; a subclass has words of its own."""

    code = "validation"
    installation = False
    message = "This step cannot be done with this picture."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)


class NoSubject(Refusal):
    """There is nothing in the picture to work with."""

    code = "no_product"
    message = "We could not find a product in this photo. Use one where it stands out clearly from its background."


class NeedsCutOut(Refusal):
    """A shadow was asked for a picture that still has its background."""

    message = "A shadow needs a product without its background. Add 'Remove background' or 'Background' to the recipe."


class PictureMissing(Refusal):
    """A recipe names a picture the caller did not bring."""

    message = "The background picture could not be found. Choose another one."


class ModelMissing(Refusal):
    """The cut-out model that the settings name cannot be used; for whoever runs the installation to fix."""

    code = "model_unavailable"
    installation = True

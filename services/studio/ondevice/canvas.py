"""The picture as it travels through a recipe: colours, transparency and, on a new background, where the product is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np

from services.studio.ondevice import backdrop
from services.studio.ondevice.affine import Affine
from services.studio.ondevice.work import Pixels

Side = Literal["top", "right", "bottom", "left"]


@dataclass(frozen=True)
class Canvas:
    """One picture.

    rgb: H×W×3 uint8 sRGB. alpha: H×W uint8, or None where nothing is transparent. is_cut_out: whether what is not
    transparent is a product without its ground; a photo with rounded corners has an alpha and its ground.
    subject: H×W uint8 matte of the product once it stands on a new background, else None: later colour steps change
    the product and leave the background as chosen. detail: H×W×3, the uncut photo at full size where a cut-out was made
    smaller, until the next change. cut_off: the sides of this picture at which the photo ended before the product did,
    known once it stands on a new background. registration: where the points of the picture that came in lie in this
    one, None where that cannot be said.
    """

    rgb: Pixels
    alpha: Pixels | None = None
    subject: Pixels | None = None
    detail: Pixels | None = None
    is_cut_out: bool = False
    cut_off: tuple[Side, ...] = ()
    registration: Affine | None = None

    @classmethod
    def of(cls, source: Pixels, *, is_cut_out: bool = False) -> Self:
        """From H×W×4 uint8 RGBA."""
        rgb, alpha = np.ascontiguousarray(source[..., :3]), source[..., 3]
        if int(alpha.min()) == 255:
            return cls(rgb, registration=Affine())
        alpha = np.ascontiguousarray(alpha)
        return cls(backdrop.bled(rgb, alpha), alpha, is_cut_out=is_cut_out, registration=Affine())

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]

    @property
    def matte(self) -> Pixels | None:
        """The part that is product: what is not transparent, or its matte on a backdrop."""
        return self.alpha if self.alpha is not None else self.subject

    @property
    def subject_box(self) -> tuple[int, int, int, int] | None:
        """(left, top, right, bottom) of the product on a new backdrop."""
        return None if self.subject is None else backdrop.extent(self.subject)

    def pixels(self) -> Pixels:
        """H×W×3, or H×W×4 where something is transparent."""
        return self.rgb if self.alpha is None else np.dstack([self.rgb, self.alpha])

    def recolored(self, rgb: Pixels) -> Self:
        """The same picture in other colours; on a new background only the product takes them."""
        if self.subject is not None:
            rgb = backdrop.blended(self.rgb, rgb, self.subject)
        return replace(self, rgb=rgb, detail=None)

    def moved(self, *moves: Affine) -> Affine | None:
        """The registration of what becomes of this picture by `moves`, one after the other."""
        found = self.registration
        for move in moves:
            found = None if found is None else found.then(move)
        return found

    def reshaped(
        self,
        move: Affine | None,
        plane: Callable[[Pixels], Pixels],
        colors: Callable[[Pixels], Pixels] | None = None,
    ) -> Self:
        """Every plane through the same change of shape; `colors` where the colours need another treatment.

        `move` says where that takes a point of this picture, None if it is no affine map.
        """
        return replace(
            self,
            rgb=(colors or plane)(self.rgb),
            alpha=None if self.alpha is None else plane(self.alpha),
            subject=None if self.subject is None else plane(self.subject),
            detail=None,
            registration=None if move is None else self.moved(move),
        )

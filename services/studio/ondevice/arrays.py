"""Names for the arrays that pass between the parts of the cut-out.

The element types are left open for the checker because OpenCV's own stubs leave them open; functions state theirs.
"""

from typing import Any

import numpy.typing as npt

Pixels = npt.NDArray[Any]  # uint8, H×W×3 sRGB, or H×W for an alpha matte
Field = npt.NDArray[Any]  # float32, H×W or H×W×channels
Mask = npt.NDArray[Any]  # bool, H×W

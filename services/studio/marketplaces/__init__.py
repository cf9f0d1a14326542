"""What each marketplace asks of a picture, and whether a picture keeps to it.

`presets.py` is the table of rules, `picture_measures.py` and `file_measures.py` say how each is measured, and
`scene.py` tells the product from its ground. Plain numpy and Pillow: this runs in the app's process too.
"""

from services.studio.marketplaces.checking import RuleResult, check
from services.studio.marketplaces.cut_off import Side
from services.studio.marketplaces.presets import PRESETS, PresetId
from services.studio.marketplaces.rule import SOLD, Product, Sold, Source

__all__ = ["PRESETS", "SOLD", "PresetId", "Product", "RuleResult", "Side", "Sold", "Source", "check"]

"""How a picture came to be, in the words of the IPTC: a machine can read in the file that AI had a hand in it.

DigitalSourceType of the IPTC Photo Metadata Standard, as XMP: https://www.iptc.org/std/photometadata/specification/ and
https://cv.iptc.org/newscodes/digitalsourcetype/, November 2026.
"""

from collections.abc import Iterable
from typing import Any

from PIL.PngImagePlugin import PngInfo

_TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI_EDITED = f"{_TERMS}compositeWithTrainedAlgorithmicMedia"
"""A photo that a generative model changed. (`trainedAlgorithmicMedia` is for what a model made from words alone.)"""

_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'Iptc4xmpExt:DigitalSourceType="{source_type}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def saved(format: str, source_type: str | None) -> dict[str, Any]:
    """What to pass to Pillow's `save` in that format so that the file says its source type; nothing for None."""
    if source_type is None:
        return {}
    packet = _PACKET.format(source_type=source_type)
    if format == "PNG":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", packet)
        return {"pnginfo": info}
    return {"xmp": packet.encode()}


def of_result(made: str | None, sources: Iterable[str | None]) -> str | None:
    """The source type of a picture made from others by a recipe that gives it the type `made`, if any: what AI once had
    a hand in stays so."""
    if made is not None:
        return made
    return next((source for source in sources if source is not None), None)

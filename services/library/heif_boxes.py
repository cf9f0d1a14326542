"""Whether a HEIC or AVIF file is complete: decoders fill missing tiles with grey instead of failing."""

import struct

_HEADER = struct.Struct(">I4s")
_LONG = struct.Struct(">Q")
_NEEDED = (b"ftyp", b"meta", b"mdat", b"moov")  # anything else may be a vendor's own trailer


def is_cut_short(data: bytes) -> bool:
    """Whether a top-level box of an ISO base media file (ISO/IEC 14496-12) reaches beyond the end of `data`."""
    at = 0
    while at + _HEADER.size <= len(data):
        size, kind = _HEADER.unpack_from(data, at)
        if size == 0:  # reaches to the end
            return False
        if size == 1:
            if at + _HEADER.size + _LONG.size > len(data):
                return True
            (size,) = _LONG.unpack_from(data, at + _HEADER.size)
        if size < _HEADER.size or at + size > len(data):
            return kind in _NEEDED
        at += size
    return False

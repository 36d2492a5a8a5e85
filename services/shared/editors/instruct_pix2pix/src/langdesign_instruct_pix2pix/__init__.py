"""The editor of InstructPix2Pix checkpoints: regularised, batched by steps.

What a caller states a request with is here and needs no torch; `editor` holds what needs it.
"""

from langdesign_instruct_pix2pix.parameters import EditParameters, RegionParameters

__all__ = ["EditParameters", "RegionParameters"]

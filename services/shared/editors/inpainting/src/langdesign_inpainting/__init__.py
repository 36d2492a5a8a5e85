"""The editor of Stable Diffusion inpainting: what a mask covers is painted anew, as a text says.

What a caller states a request with is here and needs no torch; `editor` holds what needs it.
"""

from langdesign_inpainting.parameters import InpaintParameters

__all__ = ["InpaintParameters"]

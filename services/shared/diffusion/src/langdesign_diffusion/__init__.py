"""The editing engine: regularised InstructPix2Pix with step-level batching."""

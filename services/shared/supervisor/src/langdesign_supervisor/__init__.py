"""Keeps Triton serving, in its image and in a local run: `python -m langdesign_supervisor -- tritonserver`.

Triton runs each Python model in a process of its own, the stub. Of a stub that died or hangs it takes no
notice: it stays live and ready, and every inference fails; a decoupled model's it cannot start again.
"""

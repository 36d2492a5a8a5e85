"""What the networks compute in hangs on the setting, the device, the processor and the width alone."""

import pytest
import torch
from langdesign_diffusion import precision
from langdesign_diffusion.precision import choose_dtype, has_bfloat16

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
EMBEDDED, SD15 = (48, 96, 128), (320, 640, 1280, 1280)


@pytest.mark.parametrize("channels", [EMBEDDED, SD15])
@pytest.mark.parametrize("device", [CPU, CUDA])
def test_a_setting_is_obeyed_on_every_device(device, channels):
    assert choose_dtype("float32", device, channels) == torch.float32
    assert choose_dtype("bfloat16", device, channels) == torch.bfloat16


def test_auto_keeps_the_embedded_family_in_float32_on_every_cpu():
    assert choose_dtype("auto", CPU, EMBEDDED) == torch.float32
    assert choose_dtype("auto", CUDA, EMBEDDED) == torch.bfloat16


@pytest.mark.parametrize(("flag", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_auto_takes_bfloat16_for_stable_diffusion_where_the_processor_has_it(monkeypatch, flag, dtype):
    monkeypatch.setattr(precision, "has_bfloat16", lambda: flag)
    assert choose_dtype("auto", CPU, SD15) == dtype


def test_the_processor_is_asked_through_torch():
    flags = torch.cpu.get_capabilities()
    assert has_bfloat16() == bool(flags.get("avx512_bf16") or flags.get("amx_bf16"))

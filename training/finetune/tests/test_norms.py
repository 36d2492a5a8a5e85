import pytest
import torch
from langdesign_finetune.norms import quicken
from torch import nn


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("memory", [torch.channels_last, torch.contiguous_format])
def test_a_quick_group_norm_computes_what_torch_computes(
    dtype: torch.dtype, memory: torch.memory_format
) -> None:
    torch.manual_seed(0)
    norm = nn.GroupNorm(4, 16)
    with torch.no_grad():
        norm.weight.normal_(), norm.bias.normal_()
    quick = nn.Sequential(nn.GroupNorm(4, 16))
    quick.load_state_dict({f"0.{name}": value for name, value in norm.state_dict().items()})
    quicken(quick)
    x = torch.randn(3, 16, 8, 8).to(dtype).contiguous(memory_format=memory)
    upstream = torch.randn(3, 16, 8, 8).to(dtype).contiguous(memory_format=memory)
    results = []
    for module in (norm, quick):
        given = x.clone(memory_format=torch.preserve_format).requires_grad_()
        y = module(given)
        results.append((y, *torch.autograd.grad(y, (given, *module.parameters()), upstream)))
    tolerance = 1e-5 if dtype == torch.float32 else 0.02
    for plain, quicker in zip(*results, strict=True):
        assert quicker.stride() == plain.stride()
        assert torch.allclose(
            plain.float(), quicker.float(), rtol=tolerance, atol=tolerance * plain.abs().max().item()
        )

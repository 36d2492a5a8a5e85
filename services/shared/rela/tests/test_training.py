import dataclasses

import torch
from langdesign_rela import PRESETS, Targets, Tokens, build
from langdesign_rela.training import Batch, parameter_groups, training_losses


def network():
    torch.manual_seed(0)
    text = dataclasses.replace(PRESETS["tiny"].text, vocab_size=50)
    return build(dataclasses.replace(PRESETS["tiny"], text=text))


def batch():
    """Two images; on the first, one expression means its bright square and another means nothing."""
    images = torch.zeros(2, 3, 64, 64)
    images[0, :, 16:48, 16:48] = 255
    images[1, :, :32] = 255
    masks = torch.stack([images[0, 0] > 0, torch.zeros(64, 64, dtype=torch.bool), images[1, 0] > 0])
    ids = torch.zeros(3, 20, dtype=torch.int64)
    ids[:, :4] = torch.tensor([[2, 10, 11, 3], [2, 20, 21, 3], [2, 10, 12, 3]])
    tokens = Tokens(ids, (ids != 0).long(), [False] * 3)
    return Batch(
        images, tokens, torch.tensor([0, 0, 1]), Targets(masks.float(), torch.tensor([False, True, False]))
    )


def test_a_few_steps_learn_a_batch_by_heart():
    model = network()
    optimizer = torch.optim.AdamW(parameter_groups(model, 3e-3))
    first = training_losses(model, batch()).total.item()
    for _ in range(25):
        optimizer.zero_grad()
        losses = training_losses(model, batch())
        losses.total.backward()
        optimizer.step()
    assert losses.total.item() < 0.6 * first


def test_every_part_gets_a_gradient():
    model = network()
    torch.nn.init.normal_(model.region_decoder.words.weight, std=0.02)
    for stage in model.backbone.stages[:-1]:
        for weight in stage.gate.parameters():
            torch.nn.init.normal_(weight, std=0.1)
    training_losses(model, batch()).total.backward()
    still = [name for name, one in model.named_parameters() if one.grad is None]
    # These two shift all positions alike, which an instance norm takes away: they have no influence at all.
    idle = [
        f"backbone.stages.{stage}.fusion.{name}.bias" for stage in range(4) for name in ("value", "output")
    ]
    assert still == idle


def test_each_parameter_is_in_one_group_and_norms_embeddings_and_biases_of_position_do_not_decay():
    model = network()
    groups = parameter_groups(model, 1e-4, weight_decay=0.05, backbone_factor=0.1)
    grouped = [parameter for group in groups for parameter in group["params"]]
    assert {id(one) for one in grouped} == {id(one) for one in model.parameters()}
    assert len(grouped) == len({id(one) for one in grouped})
    decay = {id(one): group["weight_decay"] for group in groups for one in group["params"]}
    rate = {id(one): group["lr"] for group in groups for one in group["params"]}
    block = model.backbone.stages[0].blocks[0]
    assert decay[id(block.norm1.weight)] == decay[id(block.attention.position_bias)] == 0
    assert decay[id(model.region_decoder.region_embed.weight)] == 0
    assert decay[id(block.expand.weight)] == 0.05
    assert rate[id(block.expand.weight)] == 1e-4 * 0.1
    assert rate[id(model.region_decoder.minimap.weight)] == 1e-4


def test_stochastic_depth_drops_branches_in_training_only():
    swin = dataclasses.replace(PRESETS["tiny"].backbone, drop_path=0.5)
    model = build(dataclasses.replace(PRESETS["tiny"], backbone=swin)).backbone.stages[3]
    x = torch.randn(4, 3, 3, 64, generator=torch.Generator().manual_seed(0))
    model.eval()
    assert torch.equal(model.attend(x), model.attend(x))
    model.train()
    torch.manual_seed(0)
    assert not torch.equal(model.attend(x), model.attend(x))

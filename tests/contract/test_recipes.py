"""The training service, which holds no training code, knows the recipes that its program has."""

from langdesign_specialise.recipes import PRESETS
from langdesign_training.settings import TrainingSettings


def test_the_service_takes_orders_of_every_preset_and_of_no_other():
    assert set(TrainingSettings().presets.split(",")) == set(PRESETS)

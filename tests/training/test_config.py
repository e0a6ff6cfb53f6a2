"""Training files are checked, and the shipped ones say what they claim."""

from __future__ import annotations

from pathlib import Path

import pytest
from sagittal.configuration import ConfigurationError, config_folder
from sagittal.networks import network_config
from sagittal.training import load_training_config
from sagittal.training.augmentation import EachFilm, batch_transform

NAMES = sorted(path.stem for path in (config_folder() / "training").glob("*.yaml"))
WHOLE = (
    "network: bilunet\nepochs: 1\nbatch_size: 1\noptimizer: adam\nlearning_rate: 0.1\n"
    "activation: softmax\nsegmentation_loss: dice_cross_entropy\n"
)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_loads_and_names_a_network_and_transforms_that_exist(name: str) -> None:
    config = load_training_config(name)
    assert network_config(config.network)
    for entry in config.augmentation:
        assert not isinstance(batch_transform(entry), EachFilm), "augmentation that ships works on whole batches"


def test_published_is_what_the_paper_says() -> None:
    config = load_training_config("published")
    assert (config.network, config.epochs, config.batch_size) == ("mbnet", 200, 4)
    assert (config.optimizer, config.learning_rate, config.alpha) == ("adam", 3e-4, 0.9)
    assert (config.activation, config.segmentation_loss) == ("sigmoid", "binary_cross_entropy")
    assert (config.schedule, config.augmentation, config.input_size) == ("constant", [], 512)


def test_seed_code_is_what_its_code_does() -> None:
    config = load_training_config("seed_code")
    assert (config.activation, config.segmentation_loss) == ("softmax", "categorical_cross_entropy")
    assert (config.learning_rate, config.value_scaling) == (1e-4, "min_max")
    network = network_config(config.network)
    assert (network["value_channels"], network["value_activation"]) == (128, "sigmoid")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("epoch: 3", "key 'epoch'"),
        ("seed: one", "key 'seed'"),
        ("alpha: 1.5", "key 'alpha'"),
        ("input_size: 500", "key 'input_size'"),
        ("schedule: linear", "key 'schedule'"),
        ("augmentation: [{prob: 1.0}]", "key 'augmentation'"),
        ("max_minutes: 0", "key 'max_minutes'"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_its_file(tmp_path: Path, line: str, key: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(WHOLE + line, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"wrong\.yaml") as caught:
        load_training_config(path)
    assert key in str(caught.value)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "short.yaml"
    path.write_text("network: bilunet\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"short\.yaml.*key 'epochs'"):
        load_training_config(path)


def test_both_forms_of_mbnet_are_trained_alike() -> None:
    free, consistent = (load_training_config(name) for name in ("mbnet_small", "mbnet_consistent_small"))
    assert consistent == free.model_copy(update={"network": "mbnet_consistent_small"})

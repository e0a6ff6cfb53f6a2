"""The model card that lies beside a trained model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagittal import NOT_FOR_CLINICAL_USE
from sagittal.networks.model_file import ModelFile

SCORES = ("selection_score", "landmark_score", "parameter_score", "value_score", "mean_foreground_iou")


def model_card(model: ModelFile) -> str:
    """What a model is, what it cost and how well it did on its validation films, in Markdown."""
    facts, metrics = model.training, model.metrics
    lines = [f"# {network_name(facts, model)}", "", f"**{NOT_FOR_CLINICAL_USE}.**", ""]
    lines += [
        f"Input {model.input_size} x {model.input_size}; "
        f"{sum(tensor.numel() for tensor in model.state.values()) / 1e6:.2f} million weights; seed {facts['seed']}; "
        f"Sagittal {facts['version']}.",
        "",
        "| stage | training films | samples seen | steps | hours | machine |",
        "|---|---|---|---|---|---|",
        *(stage_row(stage) for stage in stages(facts)),
        "",
        "On its validation films, on the network's grid:",
        "",
        *(f"- {name}: {metrics[name]:.4f}" for name in SCORES if metrics.get(name) is not None),
        *(f"- {name}: {value:.1f}" for name, value in metrics.items() if "mae_" in name and value is not None),
        "",
    ]
    return "\n".join(lines)


def network_name(facts: Mapping[str, Any], model: ModelFile) -> str:
    return f"{model.network['_target_'].rpartition('.')[2]}, trained as `{facts['config']['network']}`"


def stages(facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """This training and those whose weights it started from, the first one first."""
    before = facts.get("initial")
    return [*(stages(before) if before else []), facts]


def stage_row(facts: Mapping[str, Any]) -> str:
    config = facts.get("config") or {}
    films = facts.get("films") or {}
    return (
        f"| `{config.get('network', '?')}`, {config.get('input_size', '?')} pixels | {films.get('training', '?')} "
        f"| {facts.get('samples', '?')} | {facts.get('steps', '?')} | {facts.get('hours', 0):.2f} "
        f"| {facts.get('machine', 'not recorded')} |"
    )

"""Values that obey their own definitions: all eighteen from the twelve that are independent."""

from __future__ import annotations

import math
from functools import cache

import torch
from torch import Tensor, nn

from sagittal.anatomy.definitions import default_definitions

WEDGES = ("L1", "L2", "L3", "L4", "L5")
DISCS = ("L1L2", "L2L3", "L3L4", "L4L5", "L5S1")
INDEPENDENT = ("SS", "PT", *WEDGES, *DISCS)
# Lordosis is the turn from the upper end plate of L1 (of L4) down to that of S1, body by body and disc by disc.
WHOLE, LOWER = (*WEDGES, *DISCS), ("L4", "L4L5", "L5", "L5S1")
# Ideal lordosis 0.62 PI + 29: Yilgor 2017.
IDEAL_SLOPE, IDEAL_OFFSET = 0.62, 29.0
# Where an untrained network starts, in degrees: a usual spine, whose lordosis is 54, more than half of it below L4.
TYPICAL = dict(zip(INDEPENDENT, (38, 12, 0, 0, 1, 3, 8, 5, 7, 8, 10, 12), strict=True))
# Its unit, in degrees: values differ between spines by about so much.
UNIT = {name: 10.0 if name in ("SS", "PT") else 5.0 for name in INDEPENDENT}


class ConsistentValues(nn.Module):
    """(B, 12) outputs of a network -> (B, 18) values in degrees (LDI in %), in the order of the value branch.

    PI = PT + SS, LL and L4S1 are sums of wedges and discs, PI-LL, RLL and LDI follow. LDI is NaN where LL is so small
    that it is undefined. Differentiable; no gradient comes from an LDI that is undefined.
    """

    def forward(self, outputs: Tensor) -> Tensor:
        typical, unit = (outputs.new_tensor([float(of[name]) for name in INDEPENDENT]) for of in (TYPICAL, UNIT))
        return all_values(outputs * unit + typical)


def all_values(independent: Tensor) -> Tensor:
    """(..., 12) degrees in the order of INDEPENDENT -> (..., 18) in the order of the value branch."""
    definitions = default_definitions()
    names = definitions.value_branch
    weights, offsets = (independent.new_tensor(numbers) for numbers in linear_map())
    values = independent @ weights.T + offsets
    lordosis, lower = values[..., names.index("LL")], values[..., names.index("L4S1")]
    defined = lordosis >= definitions.ldi_minimum_lordosis
    # Divided by one where it is undefined: a division by zero would reach the gradient even where it is not chosen.
    distribution = torch.where(defined, 100 * lower / torch.where(defined, lordosis, 1), math.nan)
    place = names.index("LDI")
    return torch.cat([values[..., :place], distribution[..., None], values[..., place + 1 :]], dim=-1)


@cache
def linear_map() -> tuple[list[list[float]], list[float]]:
    """Weights (18, 12) and offsets (18,) of all values but LDI, whose row is zero."""
    incidence = dict.fromkeys(("PT", "SS"), 1.0)
    whole = dict.fromkeys(WHOLE, 1.0)
    sums: dict[str, dict[str, float]] = {name: {name: 1.0} for name in INDEPENDENT}
    sums |= {"PI": incidence, "LL": whole, "L4S1": dict.fromkeys(LOWER, 1.0), "LDI": {}}
    sums["PI-LL"] = incidence | dict.fromkeys(WHOLE, -1.0)
    sums["RLL"] = whole | dict.fromkeys(incidence, -IDEAL_SLOPE)
    names = default_definitions().value_branch
    weights = [[sums[name].get(part, 0.0) for part in INDEPENDENT] for name in names]
    return weights, [-IDEAL_OFFSET if name == "RLL" else 0.0 for name in names]

"""The gate between a training and the live weights."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GateDecision:
    """Whether new weights go live. `candidate` and `live` are mean foreground IoU (0..1) on the same films."""

    accepted: bool
    candidate: float
    live: float
    films: int
    reason: str


def decide(*, candidate: float, live: float, films: int) -> GateDecision:
    """Let new weights pass unless they are worse than the live ones.

    Both figures come from the same run over the same `films` validation films. A candidate without a figure (NaN)
    is refused.
    """
    figures = f"mean foreground IoU {candidate:.4f} against {live:.4f} of the live weights on {films} validation films"
    if films < 1:
        return GateDecision(False, candidate, live, films, "refused: there is no validation film to compare on")
    if candidate >= live or (candidate == candidate and live != live):
        return GateDecision(True, candidate, live, films, f"accepted: {figures}")
    return GateDecision(False, candidate, live, films, f"refused as worse: {figures}")

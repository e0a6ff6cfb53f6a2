"""What a picture may look like."""

from __future__ import annotations

from dataclasses import dataclass

LATERAL = "a lateral lumbar X-ray"
CLOCKWISE = "a lateral lumbar X-ray turned clockwise"
COUNTER_CLOCKWISE = "a lateral lumbar X-ray turned counter-clockwise"
UPSIDE_DOWN = "a lateral lumbar X-ray upside down"
FRONTAL = "an X-ray from the front"
SLICE = "a slice (MR or CT)"
OTHER = "something else"
KINDS = (LATERAL, CLOCKWISE, COUNTER_CLOCKWISE, UPSIDE_DOWN, FRONTAL, SLICE, OTHER)
# What to do with a film that lies.
TURN = {
    CLOCKWISE: "turn it by 90 degrees counter-clockwise and measure again",
    COUNTER_CLOCKWISE: "turn it by 90 degrees clockwise and measure again",
    UPSIDE_DOWN: "turn it by 180 degrees and measure again",
}
# Probabilities below which it is doubted that a film is lateral, and from which on it is claimed that it is.
DOUBTED_BELOW, CLEAR_FROM = 0.5, 0.98


@dataclass(frozen=True)
class View:
    """What a picture looks like: the likeliest of `KINDS`, and the probability that it is lateral and upright."""

    looks_like: str
    lateral: float

    @property
    def is_doubted(self) -> bool:
        """Whether it looks so little like a lateral film that this must be said."""
        return self.lateral < DOUBTED_BELOW

    @property
    def is_clear(self) -> bool:
        """Whether it looks so much like a lateral film that, if it could not be read, the network failed."""
        return self.lateral >= CLEAR_FROM

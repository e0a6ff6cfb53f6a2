"""The fixed validation split."""

from __future__ import annotations

import hashlib

VALIDATION_SHARE = 0.2


def is_validation_film(film_id: str, share: float = VALIDATION_SHARE) -> bool:
    """Whether a film is held out for validation; decided by its id alone.

    A film never changes sides, however many labels arrive after it and in whatever order.
    """
    digest = hashlib.sha256(film_id.encode("utf-8")).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64

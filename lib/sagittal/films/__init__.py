"""Films: one type for a lateral X-ray, readers for its formats, label maps that overlay it."""

from sagittal.films.error import FilmError
from sagittal.films.film import Film, Identity
from sagittal.films.label_map import write_label_map
from sagittal.films.mask import read_mask
from sagittal.films.read import read_film
from sagittal.header import SpacingRule

__all__ = ["Film", "FilmError", "Identity", "SpacingRule", "read_film", "read_mask", "write_label_map"]

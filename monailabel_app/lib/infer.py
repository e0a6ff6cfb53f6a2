"""Inference: a film in, its label map and measurements out."""

from __future__ import annotations

import logging
import tempfile
import threading
from pathlib import Path
from typing import Any

from fastapi import HTTPException
from monailabel.interfaces.tasks.infer_v2 import InferTask, InferType
from sagittal import NOT_FOR_CLINICAL_USE
from sagittal.anatomy.definitions import default_definitions
from sagittal.films import FilmError, read_film, write_label_map
from sagittal.inference import ModelError, Predictor, inspect_film
from sagittal.learning import LiveModel, ModelStore
from sagittal.report import result_as_json

logger = logging.getLogger(__name__)


class LivePredictor:
    """The network of the live weights, loaded once and again whenever other weights go live."""

    def __init__(self, store: ModelStore, name: str) -> None:
        self._store = store
        self._name = name
        self._lock = threading.Lock()
        self._loaded: tuple[LiveModel, Predictor] | None = None

    def __call__(self) -> tuple[LiveModel, Predictor]:
        """The live model and its network.

        Raises:
            HTTPException: 503 when there are no weights or they cannot be read.
        """
        with self._lock:
            try:
                live = self._store.live(self._name)
                if self._loaded is None or self._loaded[0] != live:
                    self._loaded = (live, Predictor(live.path))
            except (FileNotFoundError, ModelError) as error:
                logger.error("%s", error)
                raise HTTPException(
                    503, f"{self._name} has no weights that can be used; see the server's log"
                ) from error
            return self._loaded


class InspectFilm(InferTask):
    """Segments one film, measures it, and answers with a label map and JSON."""

    def __init__(self, store: ModelStore, name: str, description: str, predictor: LivePredictor) -> None:
        definitions = default_definitions()
        super().__init__(
            type=InferType.SEGMENTATION,
            labels={name: structure.id for name, structure in definitions.structures.items()},
            dimension=2,
            description=f"{description}. {NOT_FOR_CLINICAL_USE}.",
        )
        self._store = store
        self._name = name
        self._predictor = predictor
        self._structures = definitions.structures

    def is_valid(self) -> bool:
        return True

    def get_path(self, validate: bool = True) -> str | None:
        """Trained weights only: MONAI Label overwrites and deletes this file on request, never the shipped ones."""
        path = self._store.trained_path(self._name)
        if not validate:
            path.parent.mkdir(parents=True, exist_ok=True)
            return str(path)
        return str(path) if path.is_file() else None

    def info(self) -> dict[str, Any]:
        info: dict[str, Any] = super().info()
        info["label_colors"] = {name: list(structure.color) for name, structure in self._structures.items()}
        try:
            live = self._store.live(self._name)
            info |= {"version": live.version, "origin": live.origin}
        except FileNotFoundError:
            info |= {"version": None, "origin": None}
        return info

    def __call__(self, request: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        try:
            film = read_film(path := Path(request["image"]))
        except FilmError as error:
            # The server's folders are nobody's business.
            raise HTTPException(422, str(error).replace(str(path), path.name)) from error
        live, predictor = self._predictor()
        inspection = inspect_film(film, predictor)
        label_map = inspection.measurement.label_map
        with tempfile.NamedTemporaryFile(suffix=".nrrd", delete=False) as file:
            written = Path(file.name)
        write_label_map(written, label_map, film)
        present = {n: s for n, s in self._structures.items() if (label_map == s.id).any()}
        result = result_as_json(inspection)
        result["film"]["path"] = path.name
        return str(written), {
            # Clients pair names with the values they meet in rising order, so only what is in the map is named.
            "label_names": {name: structure.id for name, structure in present.items()},
            "label_colors": {name: list(structure.color) for name, structure in present.items()},
            "model": {"name": live.name, "version": live.version, "origin": live.origin},
            "result": result,
        }

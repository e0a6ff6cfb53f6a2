"""The local folder of films."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import HTTPException
from monailabel.datastore.local import LocalDatastore
from monailabel.interfaces.datastore import Datastore, DefaultLabelTag
from sagittal.anatomy import MaskError
from sagittal.films import FilmError
from sagittal.learning import Correction, labelled_film

# MONAI Label takes the last ending that fits as the film's, so longer ones follow shorter ones.
FILM_ENDINGS = ("png", "jpg", "jpeg", "tif", "tiff", "nrrd", "nii", "nii.gz", "dcm")


class FilmFolder(LocalDatastore):
    """A folder of films in every format that Sagittal reads, whatever the case of its ending.

    A final label that cannot be read, does not fit its film or holds segments that are none of ours is refused before
    it replaces anything. Outside the server the store never writes its database: two processes writing lose each
    other's entries.
    """

    def __init__(self, folder: str, *, serving: bool, auto_reload: bool) -> None:
        patterns = [f"*.{ending}" for ending in (*FILM_ENDINGS, *map(str.upper, FILM_ENDINGS))]
        super().__init__(folder, extensions=[*patterns, "*.seg.nrrd"], auto_reload=auto_reload, read_only=not serving)

    def save_label(self, image_id: str, label_filename: str, label_tag: str, label_info: dict[str, Any]) -> str:
        """Raises HTTPException 422 when the label is final and cannot be used."""
        if label_tag == DefaultLabelTag.FINAL and image_id in self.list_images():
            label = Path(label_filename)
            submitted = Correction(image_id, Path(self.get_image_uri(image_id)), label, segment_names(label_info))
            try:
                labelled_film(submitted)
            except (FilmError, MaskError) as error:
                reason = str(error).replace(str(label), "the label").replace(str(submitted.film), submitted.film.name)
                raise HTTPException(422, reason) from error
        return str(super().save_label(image_id, label_filename, label_tag, label_info))


def final_labels(datastore: Datastore) -> list[Correction]:
    """Every film with its final label, in the order of their ids."""
    return [correction(datastore, film_id) for film_id in sorted(datastore.get_labeled_images())]


def correction(datastore: Datastore, film_id: str) -> Correction:
    """One film with its final label."""
    return Correction(
        film_id=film_id,
        film=Path(datastore.get_image_uri(film_id)),
        label=Path(datastore.get_label_uri(film_id, DefaultLabelTag.FINAL)),
        names=segment_names(datastore.get_label_info(film_id, DefaultLabelTag.FINAL)),
    )


def segment_names(info: Mapping[str, Any]) -> dict[int, str] | None:
    """What a client said about a label's values (`label_info`), None where it did not."""
    segments = info.get("label_info") or []
    names = {segment["idx"]: str(segment["name"]) for segment in segments if {"idx", "name"} <= set(segment)}
    return names or None


def check_film(datastore: Datastore, image: object, upload_folder: str) -> None:
    """Let a film of the store or an uploaded file pass, and nothing else that lies on the server.

    Raises:
        HTTPException: 404 when there is no such film.
    """
    if isinstance(image, str):
        uploaded = os.path.dirname(os.path.realpath(image)) == os.path.realpath(upload_folder)
        if image in datastore.list_images() or (uploaded and os.path.isfile(image)):
            return
    raise HTTPException(404, f"there is no film '{image}' in this folder of films")

"""The local folder of films."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import HTTPException
from monailabel.datastore.local import LocalDatastore
from monailabel.interfaces.datastore import Datastore, DefaultLabelTag
from sagittal.learning import Correction

# MONAI Label takes the last ending that fits as the film's, so longer ones follow shorter ones.
FILM_ENDINGS = ("png", "jpg", "jpeg", "tif", "tiff", "nrrd", "nii", "nii.gz", "dcm")


def local_datastore(folder: str, *, serving: bool, auto_reload: bool) -> LocalDatastore:
    """The store over `folder`, with every film format that Sagittal reads, whatever the case of its ending.

    Outside the server the store never writes its database: two processes writing lose each other's entries.
    """
    patterns = [f"*.{ending}" for ending in (*FILM_ENDINGS, *map(str.upper, FILM_ENDINGS))]
    return LocalDatastore(folder, extensions=[*patterns, "*.seg.nrrd"], auto_reload=auto_reload, read_only=not serving)


def final_labels(datastore: Datastore) -> list[Correction]:
    """Every film with its final label, in the order of their ids."""
    return [correction(datastore, film_id) for film_id in sorted(datastore.get_labeled_images())]


def correction(datastore: Datastore, film_id: str) -> Correction:
    """One film with its final label."""
    info = datastore.get_label_info(film_id, DefaultLabelTag.FINAL).get("label_info")
    return Correction(
        film_id=film_id,
        film=Path(datastore.get_image_uri(film_id)),
        label=Path(datastore.get_label_uri(film_id, DefaultLabelTag.FINAL)),
        names={int(segment["idx"]): str(segment["name"]) for segment in info} if info else None,
    )


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

"""Datasets: our own layout (`sagittal.datasets.layout` documents it), and importers of others' sets into it."""

from sagittal.datasets.datalist import read_dataset, write_datalist
from sagittal.datasets.error import DatalistError
from sagittal.datasets.landmark_file import landmarks_as_json, read_landmarks
from sagittal.datasets.layout import Dataset, Entry, FilmFacts
from sagittal.datasets.split import is_validation_film

__all__ = [
    "DatalistError",
    "Dataset",
    "Entry",
    "FilmFacts",
    "is_validation_film",
    "landmarks_as_json",
    "read_dataset",
    "read_landmarks",
    "write_datalist",
]

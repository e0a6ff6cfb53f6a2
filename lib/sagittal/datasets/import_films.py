"""Imports a foreign set into our layout: film by film, so that a run that was cut off goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sagittal import NOT_FOR_CLINICAL_USE
from sagittal.anatomy import MaskError
from sagittal.datasets.datalist import as_json, write_datalist
from sagittal.datasets.error import DatalistError
from sagittal.datasets.film_copy import stage_film
from sagittal.datasets.import_report import REPORT_FILE, ImportReport, report_of
from sagittal.datasets.import_target import STATE, check_places, opened_target
from sagittal.datasets.imported_film import made_ours, named_by, png_of
from sagittal.datasets.importers import Kind, finder
from sagittal.datasets.importers.source import AnnotationError, Skipped, SourceFilm
from sagittal.datasets.landmark_file import landmarks_as_json
from sagittal.datasets.layout import DATASET_FILE, IMAGES, LABELS, LANDMARKS, Entry
from sagittal.datasets.split import is_validation_film
from sagittal.datasets.whole_file import replace_file
from sagittal.films import FilmError, read_film
from sagittal.films.error import damage_named
from sagittal.films.file_format import film_name, suffix_of

# Of what an importer makes of the same files: raised when that changes, so that films are read anew.
VERSION = 1

OnFilm = Callable[[int, int], None]


@dataclass(frozen=True)
class ImportSettings:
    """How a set is imported.

    Args:
        validation: share of the subjects that is held out, decided by the subject's id alone.
        labels: a mapping of labelme's names, None for the shipped one.
        subject: a regular expression with one group, the subject within a film's name; None: the set's own rule.
    """

    validation: float = 0.1
    labels: Path | None = None
    subject: str | None = None


def import_films(
    kind: Kind, source: Path, target: Path, settings: ImportSettings | None = None, *, on_film: OnFilm | None = None
) -> ImportReport:
    """Import `source` into the folder `target`; the source is never written to.

    Images, masks and landmarks of a film appear whole, then the film counts as done; `dataset.json` and the report are
    written when all films are. The same call again goes on after an interruption, and takes in what has changed or
    come since. The result does not depend on how often it was interrupted.

    Args:
        kind: what the source is.
        source: its folder (or, of a table, its file).
        target: a folder that is new, empty, or holds an import of the same kind.
        on_film: called with the films done and the films found.

    Raises:
        SourceError: the source is not of its kind.
        ConfigurationError: a mapping of labels does not fit its schema.
        DatalistError: the target cannot be used or written; nothing is lost, the same call goes on.
    """
    settings = settings or ImportSettings()
    pattern = _subject_pattern(settings.subject)
    find = finder(kind, settings.labels)
    check_places(source, target)
    found = list(find(source))
    try:
        with opened_target(target, str(kind)):
            return _Import(kind, source, target, settings, pattern).run(found, on_film)
    except OSError as error:
        advice = "mend that and run the same command again: it goes on"
        raise DatalistError(f"{target}: cannot be written ({error.strerror or error}); {advice}") from error


class _Import:
    """One run over the films of a source."""

    def __init__(
        self, kind: Kind, source: Path, target: Path, settings: ImportSettings, pattern: re.Pattern[str] | None
    ) -> None:
        self.kind, self.target, self.settings, self.pattern = kind, target, settings, pattern
        self.root = source if source.is_dir() else source.parent
        self.staging = target / STATE / "staging"
        self.taken: set[str] = set()

    def run(self, found: list[SourceFilm | Skipped], on_film: OnFilm | None) -> ImportReport:
        shutil.rmtree(self.staging, ignore_errors=True)
        self.staging.mkdir(parents=True)
        for folder in (IMAGES, LABELS, LANDMARKS):
            (self.target / folder).mkdir(exist_ok=True)
        entries: list[Entry] = []
        skipped: list[Skipped] = []
        for done, one in enumerate(found, start=1):
            result = one if isinstance(one, Skipped) else self.import_one(one)
            if isinstance(result, Skipped):
                skipped.append(result)
            else:
                entries.append(result)
            if on_film:
                on_film(done, len(found))
        return self.finish(entries, skipped)

    def import_one(self, film: SourceFilm) -> Entry | Skipped:
        """The film's entry; from its record where it was imported before and nothing has changed."""
        subject = self.subject_of(film)
        if subject is None:
            return Skipped(film.file, "its name does not fit the pattern of subjects")
        try:
            name, fingerprint = named_by(film.file, self.taken), self.fingerprint(film, subject)
            known = self.recorded(name, fingerprint)
            if known is not None:
                return known
            entry = self.write_film(film, name, subject)
        except (AnnotationError, FilmError, MaskError) as error:
            return Skipped(film.file, self.without_folders(str(error), film))
        except OSError:
            raise
        except Exception as error:  # one film's failure, foreseen or not, is never the others'
            return Skipped(film.file, f"internal error, please report it: {type(error).__name__}: {error}")
        record = {"fingerprint": fingerprint, "entry": as_json(entry)}
        self.write(self.record(name), json.dumps(record).encode())
        return entry

    def write_film(self, film: SourceFilm, name: str, subject: str) -> Entry:
        with damage_named(film.files[0]):
            content = _guarded(film.image)
        if isinstance(content, AnnotationError):
            raise content
        staged = stage_film(content, suffix_of(Path(film.file)), self.staging)
        decoded = read_film(staged)
        try:
            annotation = film.read(decoded)
        except (OSError, UnicodeDecodeError) as error:
            raise AnnotationError(f"{film.files[-1].name} cannot be read") from error
        ours = made_ours(annotation, decoded)
        place = {"image": f"{IMAGES}/{name}{suffix_of(staged)}"}
        if ours.mask is not None:
            place["label"] = f"{LABELS}/{name}.png"
            self.write(self.target / place["label"], png_of(ours.mask))
        if ours.landmarks is not None:
            place["landmarks"] = f"{LANDMARKS}/{name}.json"
            text = json.dumps(landmarks_as_json(ours.landmarks), allow_nan=False)
            self.write(self.target / place["landmarks"], text.encode())
        os.replace(staged, self.target / place["image"])
        source = {"kind": str(self.kind), "file": film.file, **annotation.facts}
        return Entry.model_validate({**place, "subject": subject, "source": source, **ours.facts})

    def finish(self, entries: list[Entry], skipped: list[Skipped]) -> ImportReport:
        training: list[Entry] = []
        validation: list[Entry] = []
        for entry in entries:
            held_out = is_validation_film(str(entry.subject), self.settings.validation)
            (validation if held_out else training).append(entry)
        report = report_of(str(self.kind), training, validation, skipped)
        facts = {"description": f"Films of {self.kind}. {NOT_FOR_CLINICAL_USE}.", "importer": f"{self.kind} {VERSION}"}
        self.write(self.target / REPORT_FILE, json.dumps(report.as_json(), indent=1, allow_nan=False).encode())
        lists = [[as_json(entry) for entry in part] for part in (training, validation)]
        write_datalist(
            self.target / DATASET_FILE, training=lists[0], validation=lists[1], facts=facts, staging=self.staging
        )
        shutil.rmtree(self.staging, ignore_errors=True)
        return report

    def subject_of(self, film: SourceFilm) -> str | None:
        if self.pattern is None:
            return film.subject
        match = self.pattern.search(film_name(Path(film.file)))
        return match.group(1) if match else None

    def fingerprint(self, film: SourceFilm, subject: str) -> str:
        """What the film's entry depends on, short of reading the files."""
        with damage_named(film.files[0]):
            files = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in film.files]
        return hashlib.sha256(repr((VERSION, film.file, subject, film.detail, files)).encode()).hexdigest()

    def record(self, name: str) -> Path:
        return self.target / STATE / "films" / f"{name}.json"

    def recorded(self, name: str, fingerprint: str) -> Entry | None:
        try:
            record = json.loads(self.record(name).read_text(encoding="utf-8"))
            if record["fingerprint"] != fingerprint:
                return None
            entry = Entry.model_validate(record["entry"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        files = (entry.image, entry.label, entry.landmarks)
        return entry if all((self.target / file).is_file() for file in files if file) else None

    def write(self, path: Path, content: bytes) -> None:
        self.staging.mkdir(parents=True, exist_ok=True)
        replace_file(path, content, staging=self.staging)

    def without_folders(self, text: str, film: SourceFilm) -> str:
        """A reader's message names whole paths, which may hold what identifies a patient; the film itself is known."""
        text = re.sub(re.escape(str(self.staging)) + r"[/\\]film[.\w]*: ", "", text)
        for path in film.files:
            text = text.replace(str(path), path.relative_to(self.root).as_posix())
        return text.removeprefix(f"{film.file}: ")


def _guarded(image: Callable[[], bytes]) -> bytes | AnnotationError:
    """An annotation's own error must not be taken for a decoder's."""
    try:
        return image()
    except AnnotationError as error:
        return error


def _subject_pattern(text: str | None) -> re.Pattern[str] | None:
    if text is None:
        return None
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise ValueError(f"the pattern of subjects is no regular expression: {error}") from error
    if pattern.groups != 1:
        raise ValueError(f"the pattern of subjects must have one group, such as ^(\\d+)_, it has {pattern.groups}")
    return pattern

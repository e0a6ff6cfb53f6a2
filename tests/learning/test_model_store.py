"""Weights go live in one step, and nothing that was live is lost."""

from pathlib import Path

import pytest
from sagittal.learning import ModelStore


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "bilunet.pt").write_bytes(b"shipped weights")
    return ModelStore(tmp_path / "state" / "models", lambda name: shipped / f"{name}.pt")


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    path = tmp_path / "candidate.pt"
    path.write_bytes(b"trained weights")
    return path


def test_shipped_weights_stand_in_until_others_are_published(store: ModelStore, candidate: Path) -> None:
    before = store.live("bilunet")
    after = store.publish("bilunet", candidate)
    assert (before.origin, after.origin) == ("shipped", "trained")
    assert before.version != after.version
    assert store.live("bilunet") == after
    assert after.path.read_bytes() == b"trained weights"


def test_every_published_checkpoint_is_kept(store: ModelStore, candidate: Path, tmp_path: Path) -> None:
    store.publish("bilunet", candidate)
    candidate.write_bytes(b"weights trained again")
    store.publish("bilunet", candidate)
    kept = {path.read_bytes() for path in (tmp_path / "state/models/history").glob("bilunet-*.pt")}
    assert kept == {b"trained weights", b"weights trained again"}


def test_refused_weights_are_kept_aside_and_change_nothing(store: ModelStore, candidate: Path) -> None:
    before = store.live("bilunet")
    aside = store.keep_aside("bilunet", candidate)
    assert aside.read_bytes() == b"trained weights"
    assert aside.parent.name == "rejected"
    assert store.live("bilunet") == before


def test_the_version_follows_the_file(store: ModelStore, candidate: Path) -> None:
    live = store.publish("bilunet", candidate)
    live.path.write_bytes(b"other weights")
    assert store.live("bilunet").version != live.version


def test_a_model_without_any_weights_names_both_places(store: ModelStore) -> None:
    with pytest.raises(FileNotFoundError, match=r"mbnet.*state.models.mbnet\.pt.*shipped.mbnet\.pt"):
        store.live("mbnet")


def test_the_history_is_told_per_model_in_order(store: ModelStore) -> None:
    for name, reason in [("bilunet", "first"), ("mbnet", "other"), ("bilunet", "second")]:
        store.record(name, {"reason": reason})
    assert [line["reason"] for line in store.history("bilunet")] == ["first", "second"]


def test_a_failed_publication_leaves_the_live_weights(store: ModelStore, candidate: Path, tmp_path: Path) -> None:
    live = store.publish("bilunet", candidate)
    with pytest.raises(FileNotFoundError):
        store.publish("bilunet", tmp_path / "absent.pt")
    assert store.live("bilunet") == live
    assert not list(live.path.parent.glob(".*"))

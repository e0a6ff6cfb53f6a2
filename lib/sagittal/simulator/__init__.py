"""The film simulator: parametric anatomy to lateral films with exact truth, reproducible from a seed."""

from sagittal.simulator.config import SimulatorConfig, load_simulator_config
from sagittal.simulator.dataset import write_dataset
from sagittal.simulator.film import SimulatedFilm, simulate_film

__all__ = ["SimulatedFilm", "SimulatorConfig", "load_simulator_config", "simulate_film", "write_dataset"]

"""How far runs of a training stray from its goldens, where that says something about a port, and in how many orders."""

import itertools
from dataclasses import dataclass

import numpy as np

from oracle.errors import OracleError
from oracle.noise import measure_noise, rms
from oracle.train_case import ADAPTIVE

KINDS = ("grads", "params", "buffers")
# A gradient that is mostly rounding says nothing about a port.
UNINFORMATIVE_NOISE = 0.1
# Below this the judge counts no differences.
SMALLEST_REL_RMS, SMALLEST_MAX = 2.0**-24, 2.0**-23
RUNS = 6


@dataclass
class Spread:
    """The informative probe at which one float32 run stands furthest from the others."""

    probe: str
    figure: str
    ratio: float


@dataclass
class Flips:
    """The informative probe that moves furthest, in multiples of its noise, by flipping all values near a switch."""

    count: int
    probe: str
    figure: str
    ratio: float


def batch_orders(batch):
    """As many different orders as are used: all of three images, a spread-out choice of more."""
    if batch < 3:
        raise OracleError(
            f"Cannot measure the noise of training with a batch of {batch}; 3 or more images have orders enough."
        )
    every = list(itertools.islice(itertools.permutations(range(min(batch, 5))), 120))
    chosen = [every[index * len(every) // RUNS] for index in range(RUNS)]
    return [(*order, *range(len(order), batch)) for order in chosen]


def find_uninformative(case):
    """kind → names whose golden is rounding noise: what hangs on a convolution's bias that a batch norm cancels."""
    first = case.steps[0]
    cancelled = case.start.reference.cancelled_biases(case.start.built("float32"), first.image, first.draws)
    moved = case.optimizer["type"] in ADAPTIVE
    return {
        "grads": set(cancelled),
        "params": set(cancelled) if moved else set(),
        "buffers": {f"{norm}._mean" for norm in cancelled.values()} if moved else set(),
    }


def is_informative(kind, name, noise, uninformative):
    """Whether a probe says something about a port."""
    return name not in uninformative[kind] and not (
        kind == "grads" and noise[kind][name]["rel_rms"] >= UNINFORMATIVE_NOISE
    )


def measure_strays(run, values):
    """kind → name → how far a run stands from the goldens."""
    return {
        kind: {name: measure_noise(name, array, values[kind][name]) for name, array in getattr(run, kind).items()}
        for kind in KINDS
    }


def measure_spread(noises, values, noise, uninformative):
    """How many times as far as the next the furthest run stands from the golden, at the worst informative probe."""
    worst = Spread("none", "rel_rms", 0.0)
    for kind in KINDS:
        for name, golden in values[kind].items():
            if not is_informative(kind, name, noise, uninformative):
                continue
            for figure, floor in _floors(golden).items():
                largest, second = sorted((max(run[kind][name][figure], floor) for run in noises), reverse=True)[:2]
                if second > 0 and largest / second > worst.ratio:
                    worst = Spread(f"{kind}/{name}", figure, largest / second)
    return worst


def measure_flips(count, strays, values, noise, uninformative):
    """How far flipped switches move the informative probe that they move most, in multiples of its noise."""
    worst = Flips(count, "none", "rel_rms", 0.0)
    for kind in KINDS:
        for name, golden in values[kind].items():
            if not is_informative(kind, name, noise, uninformative):
                continue
            for figure, floor in _floors(golden).items():
                ratio = strays[kind][name][figure] / max(noise[kind][name][figure], floor)
                if ratio > worst.ratio:
                    worst = Flips(count, f"{kind}/{name}", figure, ratio)
    return worst


def largest_figures(figures):
    """The larger of each figure."""
    return {key: max(figure[key] for figure in figures) for key in ("rel_rms", "max_over_rms")}


def _floors(golden):
    scale = rms(golden)
    return {
        "rel_rms": SMALLEST_REL_RMS,
        "max_over_rms": SMALLEST_MAX * float(np.max(np.abs(golden))) / scale if scale > 0 else 0.0,
    }

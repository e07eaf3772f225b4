"""Bundles of phase "train": a few steps in float64, and the noise of the same steps in float32 with every batch in different orders."""

import itertools
import platform
from dataclasses import dataclass

import numpy as np

from oracle import GENERATOR, seeded
from oracle.bundle import FORMAT, BundleWriter
from oracle.draws import seeded_draws
from oracle.errors import OracleError
from oracle.images import make_image, make_label
from oracle.infer import DEFAULT_SAMPLE_SEED, seeded_case
from oracle.noise import measure_noise, rms
from oracle.spec import without_pretrained
from oracle.switches import measure_switch_noise, near_switches
from oracle.train_case import ADAPTIVE, Step, TrainCase

KINDS = ("grads", "params", "buffers")
# Each run stays within this multiple of the largest of the others, at every informative probe; else the seed is not used.
SPREAD_LIMIT = 2.0
# Values that an honest port may see on the other side of a switch move no informative probe further than the reference's float32 runs stray from it; else the seed is not used.
FLIP_LIMIT = 1.0
# A gradient that is mostly rounding says nothing about a port.
UNINFORMATIVE_NOISE = 0.1
# Below this the judge counts no differences.
SMALLEST_REL_RMS, SMALLEST_MAX = 2.0**-24, 2.0**-23
RUNS = 6
STEP_SEEDS = 1000  # step t draws with seed + 1000 · t


@dataclass
class TrainGoldens:
    """What the float64 run gives, and how far the float32 runs stray from it."""

    lr: list
    losses: list  # {value, noise}
    values: dict  # kind → name → float32
    noise: dict  # kind → name → figures
    uninformative: dict  # kind → names
    spread: "Spread"
    flips: "Flips"
    orders: list


@dataclass
class Spread:
    """The informative probe at which one float32 run stands furthest from the others."""

    probe: str
    figure: str
    ratio: float


@dataclass
class Flips:
    """The informative probe that moves furthest, in multiples of its noise, once all values near a switch stand on its other side."""

    count: int
    probe: str
    figure: str
    ratio: float


def make_train_bundle(reference, spec, destination, force=False, spread_limit=SPREAD_LIMIT, flip_limit=FLIP_LIMIT):
    """Makes the bundle that a specification describes. A seed is refused whose float32 runs disagree, or with which an honest port may take another side of a rectifier and be told so."""
    with BundleWriter(destination, force) as writer:
        case = train_case_from_spec(reference, spec)
        try:
            goldens = run_training(case, spread_limit, flip_limit)
        except UnfairSeed as unfair:
            raise OracleError(
                f"Cannot make {destination}: with seed {spec['seed']} {unfair}. Fix: try another seed, see `python -m oracle seeds`."
            ) from None
        write_train_bundle(writer, spec, case, goldens)


def train_case_from_spec(reference, spec):
    """Seeded weights, images, labels and draws, with batch norms calibrated on the first step's images."""
    section, size, training = without_pretrained(spec["model"]), spec["input"], spec["train"]
    extents = (size["batch"], size["height"], size["width"])
    seeds = [spec["seed"] + STEP_SEEDS * index for index in range(training["steps"])]
    images = [make_image(size["image"], seed, *extents) for seed in seeds]
    start = seeded_case(reference, section, images[0], spec["seed"], spec["scale"])
    classes = reference.classes(reference.build(section, "float32"))
    steps = []
    for seed, image in zip(seeds, images):
        draws = {}
        reference.draw_step(start.built("float32"), image, seeded_draws(seed, draws))
        steps.append(
            Step(
                image,
                make_label(seed, *extents, classes, training["ignored"]),
                _without_buffers(draws, start.parameters),
            )
        )
    return TrainCase(start, training["optimizer"], training["lr_scheduler"], training["iters"], training["loss"], steps)


class UnfairSeed(Exception):
    """What forbids to judge ports by a seed."""


def run_training(case, spread_limit=SPREAD_LIMIT, flip_limit=FLIP_LIMIT):
    """One float64 run, several float32 runs, each with its batches in another order, and a float64 run with flipped switches. Raises UnfairSeed."""
    reference, batch = case.start.reference, len(case.steps[0].image)
    orders = batch_orders(batch)
    with reference.watched_switches() as switches:
        exact = reference.train(case, "float64")
    values = {kind: {name: array.astype(np.float32) for name, array in getattr(exact, kind).items()} for kind in KINDS}
    losses, noises, switch_noises = [], [], []
    for order in orders:
        with reference.watched_switches() as seen:
            run = reference.train(case, "float32", order)
        switch_noises.append(measure_switch_noise(seen, switches, order))
        losses.append(run.losses)
        noises.append(_strays(run, values))
    noise = {kind: {name: _largest([run[kind][name] for run in noises]) for name in values[kind]} for kind in KINDS}
    uninformative = find_uninformative(case)
    spread = measure_spread(noises, values, noise, uninformative)
    if not spread.ratio <= spread_limit:
        raise UnfairSeed(
            f"one float32 run strays {spread.ratio:.3g} times as far as any other ({spread.figure} of {spread.probe}); {spread_limit:g} is allowed"
        )
    loss_noises = [float(max(abs(run[index] - value) for run in losses)) for index, value in enumerate(exact.losses)]
    flips = run_flipped(case, near_switches(switches, switch_noises), exact, values, noise, loss_noises, uninformative)
    if not flips.ratio <= flip_limit:
        raise UnfairSeed(
            f"{flips.count} values stand so near to where a rectifier or a choice of pixels switches that an honest port may see them on the other side, "
            f"which moves {flips.probe} by {flips.ratio:.3g} times its noise ({flips.figure}); {flip_limit:g} is allowed"
        )
    return TrainGoldens(
        lr=exact.lr,
        losses=[{"value": value, "noise": noise_of} for value, noise_of in zip(exact.losses, loss_noises)],
        values=values,
        noise=noise,
        uninformative=uninformative,
        spread=spread,
        flips=flips,
        orders=[list(order) for order in orders],
    )


def run_flipped(case, near, exact, values, noise, loss_noises, uninformative):
    """What the float64 run becomes with the values that `near` marks on the other side of their switches."""
    count = int(sum(marks.sum() for marks in near))
    if count == 0:
        return Flips(0, "none", "rel_rms", 0.0)
    with case.start.reference.flipped_switches(near):
        other = case.start.reference.train(case, "float64")
    worst = measure_flips(count, _strays(other, values), values, noise, uninformative)
    for index, (loss, golden, noise_of) in enumerate(zip(other.losses, exact.losses, loss_noises)):
        ratio = abs(loss - golden) / max(noise_of, SMALLEST_REL_RMS * abs(golden))
        if ratio > worst.ratio:
            worst = Flips(count, f"loss/{index}", "difference", ratio)
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


def is_informative(kind, name, noise, uninformative):
    """Whether a probe says something about a port."""
    return name not in uninformative[kind] and not (
        kind == "grads" and noise[kind][name]["rel_rms"] >= UNINFORMATIVE_NOISE
    )


def _strays(run, values):
    return {
        kind: {name: measure_noise(name, array, values[kind][name]) for name, array in getattr(run, kind).items()}
        for kind in KINDS
    }


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


def measure_spread(noises, values, noise, uninformative):
    """How many times further the furthest run stands from the golden than the next, at the informative probe where that is worst."""
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


def write_train_bundle(writer, spec, case, goldens):
    """Writes everything of a bundle of phase "train"."""
    start, stored, expect = case.start, {}, {}
    for kind in KINDS:
        expect[kind] = [
            _entry(kind, name, values, goldens, spec["sample"], stored) for name, values in goldens.values[kind].items()
        ]
    references = writer.write_arrays("expect.npz", stored)
    for kind in KINDS:
        for entry in expect[kind]:
            entry["value"] = references[f"{kind}/{entry['name']}"]
    weights = [{"seeded": {"scheme": seeded.SCHEME, "seed": start.seed}}]
    if start.arrays:
        weights.append({"arrays": writer.write_arrays("weights.npz", start.arrays)})
    writer.finish(
        {
            "format": FORMAT,
            "id": spec["id"],
            "phase": "train",
            "model": start.model,
            "parameters": start.parameters,
            "weights": weights,
            "train": {
                "optimizer": case.optimizer,
                "lr_scheduler": case.lr_scheduler,
                "iters": case.iters,
                "loss": case.loss,
                "steps": write_steps(writer, case.steps),
                "expect": {"lr": goldens.lr, "loss": goldens.losses, **expect},
            },
            "made_by": {
                "generator": GENERATOR,
                **start.reference.versions(),
                "dtype": "float64",
                "python": platform.python_version(),
                "numpy": np.__version__,
                "orders": goldens.orders,
                "spread": {**vars(goldens.spread), "ratio": round(goldens.spread.ratio, 4)},
                "flips": {**vars(goldens.flips), "ratio": round(goldens.flips.ratio, 4)},
                "spec": spec,
            },
        }
    )


def write_steps(writer, steps):
    """The arrays of all steps, in one file: their entries in case.json."""
    arrays = {}
    for index, step in enumerate(steps):
        arrays.update({f"{index}/image": step.image, f"{index}/label": step.label})
        arrays.update({f"{index}/draws/{name}": values for name, values in step.draws.items()})
    references = writer.write_arrays("steps.npz", arrays)
    return [
        {
            "image": references[f"{index}/image"],
            "label": references[f"{index}/label"],
            "draws": {name: references[f"{index}/draws/{name}"] for name in step.draws},
        }
        for index, step in enumerate(steps)
    ]


def _entry(kind, name, values, goldens, sample, stored):
    entry = {"name": name, "value": None, "shape": list(values.shape), "noise": goldens.noise[kind][name]}
    if sample is not None and values.size > sample["above"]:
        plan = {"seed": DEFAULT_SAMPLE_SEED, "count": sample["count"]}
        entry.update(sample=plan, rms=rms(values))
        values = values.ravel()[seeded.sample_positions(plan["seed"], name, plan["count"], values.size)]
    if name in goldens.uninformative[kind]:
        entry["informative"] = False
    stored[f"{kind}/{name}"] = values
    return entry


def _largest(figures):
    return {key: max(figure[key] for figure in figures) for key in ("rel_rms", "max_over_rms")}


def _floors(golden):
    scale = rms(golden)
    return {
        "rel_rms": SMALLEST_REL_RMS,
        "max_over_rms": SMALLEST_MAX * float(np.max(np.abs(golden))) / scale if scale > 0 else 0.0,
    }


def _without_buffers(draws, parameters):
    return {name: values for name, values in draws.items() if name not in parameters}

"""Bundles of phase "train": a few steps in float64, and their noise in float32 with every batch in several orders."""

from dataclasses import dataclass

import numpy as np

from oracle.bundle import BundleWriter
from oracle.draws import seeded_draws
from oracle.errors import OracleError
from oracle.images import make_image, make_label
from oracle.infer import seeded_case
from oracle.spec import without_pretrained
from oracle.switches import measure_switch_noise, near_switches
from oracle.train_bundle import write_train_bundle
from oracle.train_case import Step, TrainCase
from oracle.train_noise import (
    KINDS,
    SMALLEST_REL_RMS,
    Flips,
    Spread,
    batch_orders,
    find_uninformative,
    largest_figures,
    measure_flips,
    measure_spread,
    measure_strays,
)

# Each run stays within this multiple of the largest of the others at every informative probe, or the seed is not used.
SPREAD_LIMIT = 2.0
# Values that an honest port may see on the other side of a switch move every informative probe at most as far as the
# float32 runs stray from it, or the seed is not used.
FLIP_LIMIT = 1.0
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


def make_train_bundle(reference, spec, destination, force=False, spread_limit=SPREAD_LIMIT, flip_limit=FLIP_LIMIT):
    """Makes the bundle that a specification describes.

    A seed is refused if its float32 runs disagree, or if an honest port could fail by taking another side of a switch.
    """
    with BundleWriter(destination, force) as writer:
        case = train_case_from_spec(reference, spec)
        try:
            goldens = run_training(case, spread_limit, flip_limit)
        except UnfairSeed as unfair:
            raise OracleError(
                f"Cannot make {destination}: with seed {spec['seed']} {unfair}. Fix: try another seed, see `python -m "
                "oracle seeds`."
            ) from None
        write_train_bundle(writer, spec, case, goldens)


def train_case_from_spec(reference, spec):
    """Seeded weights, images, labels and draws, with batch norms calibrated on the first step's images."""
    section, size, training = without_pretrained(spec["model"]), spec["input"], spec["train"]
    extents = (size["batch"], size["height"], size["width"])
    seeds = [spec["seed"] + STEP_SEEDS * index for index in range(training["steps"])]
    images = [make_image(size["image"], seed, *extents) for seed in seeds]
    start = seeded_case(reference, section, images[0], spec["seed"], spec["scale"])
    classes = section["num_classes"]
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
    """A float64 run, float32 runs with the batches in several orders, a float64 run with flipped switches.

    Raises UnfairSeed.
    """
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
        noises.append(measure_strays(run, values))
    noise = {
        kind: {name: largest_figures([run[kind][name] for run in noises]) for name in values[kind]} for kind in KINDS
    }
    uninformative = find_uninformative(case)
    spread = measure_spread(noises, values, noise, uninformative)
    if not spread.ratio <= spread_limit:
        raise UnfairSeed(
            f"one float32 run strays {spread.ratio:.3g} times as far as any other ({spread.figure} of {spread.probe}); "
            f"{spread_limit:g} is allowed"
        )
    loss_noises = [float(max(abs(run[index] - value) for run in losses)) for index, value in enumerate(exact.losses)]
    flips = run_flipped(case, near_switches(switches, switch_noises), exact, values, noise, loss_noises, uninformative)
    if not flips.ratio <= flip_limit:
        raise UnfairSeed(
            f"{flips.count} values stand so near to where a rectifier or a choice of pixels switches that an honest "
            "port may see them on the other side, "
            f"which moves {flips.probe} by {flips.ratio:.3g} times its noise ({flips.figure}); {flip_limit:g} is "
            "allowed"
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
    worst = measure_flips(count, measure_strays(other, values), values, noise, uninformative)
    for index, (loss, golden, noise_of) in enumerate(zip(other.losses, exact.losses, loss_noises)):
        ratio = abs(loss - golden) / max(noise_of, SMALLEST_REL_RMS * abs(golden))
        if ratio > worst.ratio:
            worst = Flips(count, f"loss/{index}", "difference", ratio)
    return worst


def _without_buffers(draws, parameters):
    return {name: values for name, values in draws.items() if name not in parameters}

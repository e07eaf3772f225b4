"""Loss curves: the reference's loss over some iterations in float64, and how far its float32 runs stray from it.

A curve stores no array: weights, images, labels and draws are seeded numbers (fixtures/README.md says which), and a
hash of each kind proves that who makes them anew makes the same.
"""

import hashlib
import itertools
import json
import math
import platform
from pathlib import Path

import numpy as np
import yaml

from oracle import GENERATOR
from oracle.bundle import render_case
from oracle.draws import NORMAL, seeded_draws
from oracle.errors import OracleError
from oracle.images import make_image, make_label
from oracle.infer import Case, first_pass
from oracle.spec import without_pretrained
from oracle.train import STEP_SEEDS
from oracle.train_case import Step, TrainCase
from oracle.weights import seed_parameters

FORMAT = "loss-curve/1"
SPEC_FILE, CURVE_FILE = "spec.yml", "curve.json"
KEYS = {"id", "model", "seed", "input", "iters", "optimizer", "lr_scheduler", "loss"}
INPUT_KEYS = {"batch", "height", "width", "ignored", "batches"}
RUNS = 8
DIGITS = 6


def make_curve(reference, folder):
    """Reads spec.yml of a folder and writes curve.json beside it."""
    spec = read_curve_spec(Path(folder) / SPEC_FILE)
    case, draws = curve_case(reference, spec)
    exact = reference.train(case, "float64")
    orders = list(itertools.permutations(range(spec["input"]["batch"])))
    orders = [orders[index * len(orders) // RUNS] for index in range(RUNS)]
    runs = [reference.train(case, "float32", order).losses for order in orders]
    text = render_case(
        {
            "format": FORMAT,
            **{key: spec[key] for key in ("id", "seed", "input", "iters", "optimizer", "lr_scheduler", "loss")},
            "model": case.start.model,
            "parameters": case.start.parameters,
            "draws": draws,
            "lr": exact.lr,
            "losses": exact.losses,
            "envelope": running_maximum(runs, exact.losses),
            "sha256": hash_inputs(case),
            "made_by": {
                "generator": GENERATOR,
                **reference.versions(),
                "dtype": "float64",
                "python": platform.python_version(),
                "numpy": np.__version__,
                "orders": [list(order) for order in orders],
            },
        }
    )
    (Path(folder) / CURVE_FILE).write_text(text, encoding="utf-8")


def check_curve(reference, folder):
    """Sentences about what differs when the curve is made again; none when all is well. Losses of float32 runs are
    another processor's own.
    """
    kept = json.loads((Path(folder) / CURVE_FILE).read_text(encoding="utf-8"))
    spec = read_curve_spec(Path(folder) / SPEC_FILE)
    case, draws = curve_case(reference, spec)
    problems = [
        f"{key} differs."
        for key in ("id", "seed", "input", "iters", "optimizer", "lr_scheduler", "loss")
        if kept[key] != spec[key]
    ]
    made = {"model": case.start.model, "parameters": case.start.parameters, "draws": draws, "sha256": hash_inputs(case)}
    problems += [f"{key} differs." for key, value in made.items() if kept[key] != json.loads(json.dumps(value))]
    exact = reference.train(case, "float64")
    for index, (actual, expected, allowed) in enumerate(
        zip(exact.losses, kept["losses"], kept["envelope"], strict=True)
    ):
        if not abs(actual - expected) <= 1e-3 * allowed:  # float64 strays as float32 does, 2^-29 times as far
            problems.append(f"losses[{index}] is {actual}; the curve says {expected}.")
    return problems


def read_curve_spec(path):
    """A curve's specification."""
    try:
        spec = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise OracleError(
            f"Cannot read {path}: {' '.join(str(error).split())}; a curve's specification is wanted."
        ) from error
    if not isinstance(spec, dict) or set(spec) != KEYS or set(spec["input"]) != INPUT_KEYS:
        raise OracleError(f"Cannot use {path}: {sorted(KEYS)} are wanted, and in input {sorted(INPUT_KEYS)}.")
    if math.factorial(spec["input"]["batch"]) < RUNS:
        raise OracleError(
            f"Cannot use {path}: input.batch is {spec['input']['batch']}; 4 or more have the {RUNS} orders that the "
            "envelope is made of."
        )
    return spec


def curve_case(reference, spec):
    """The run of a specification, and name → {shape, keep} of what it draws in each step."""
    section, size = without_pretrained(spec["model"]), spec["input"]
    model = reference.build(section, "float32")
    first = _image(spec, 0)
    first_pass(reference, model, first, {})
    parameters = reference.parameters(model)
    drawn = seed_parameters(parameters, spec["seed"])
    statistics = {
        name: np.full(shape, float(name.endswith("_variance")), np.float32)
        for name, shape in parameters.items()
        if name not in drawn
    }
    start = Case(reference, section, first, {}, parameters, spec["seed"], statistics)
    classes, shapes, steps = section["num_classes"], {}, []
    for index in range(spec["iters"]):
        draws = {}
        reference.draw_step(start.built("float32"), first, _noting(spec["seed"] + STEP_SEEDS * index, draws, shapes))
        label = make_label(
            _data_seed(spec, index), size["batch"], size["height"], size["width"], classes, size["ignored"]
        )
        steps.append(Step(_image(spec, index), label, draws))
    return TrainCase(start, spec["optimizer"], spec["lr_scheduler"], spec["iters"], spec["loss"], steps), shapes


def running_maximum(runs, losses):
    """At each step the largest distance that any run had from the losses up to there."""
    distances = np.max(np.abs(np.asarray(runs) - np.asarray(losses)), axis=0)
    return [float(f"{figure:.{DIGITS}g}") for figure in np.maximum.accumulate(distances)]


def hash_inputs(case):
    """Hashes of the little-endian bytes of the first and the last step's arrays."""
    hashes = {}
    for index in (0, len(case.steps) - 1):
        step = case.steps[index]
        arrays = {
            "image": step.image,
            "label": step.label,
            **{f"draws/{name}": values for name, values in step.draws.items()},
        }
        hashes.update(
            {
                f"{index}/{name}": hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
                for name, values in arrays.items()
            }
        )
    return hashes


def _noting(seed, draws, shapes):
    source = seeded_draws(seed, draws)

    def noting(name, call, shape, keep):
        if keep is NORMAL:
            raise OracleError(
                f"Cannot make a curve: the model draws normal numbers for {name}; uniform ones are wanted."
            )
        values = source(name, call, shape, keep)
        shapes[name] = (
            {"shape": list(draws[name].shape)}
            if call is None
            else {"shape": list(draws[name].shape), "keep": float(keep)}
        )
        return values

    return noting


def _image(spec, index):
    size = spec["input"]
    return make_image("noise", _data_seed(spec, index), size["batch"], size["height"], size["width"])


def _data_seed(spec, index):
    return spec["seed"] + STEP_SEEDS * (index % spec["input"]["batches"])

"""Bundle specifications: what `python -m oracle make` is told, a YAML file for each committed fixture.

    id: segnext_mscan_t-infer-48x64-s3
    phase: infer
    model: {…}                      # the `model:` section of a PaddleSeg yml
    seed: 3                         # of weights, draws and the image
    input: {batch: 1, height: 48, width: 64, image: noise}      # image: noise | picture | mosaic
    probes: every                   # every | blocks | a list of globs
    sample: {above: 65536, count: 4096}     # optional: larger probes are sampled
    scale: [{match: "*.norm1.weight", by: 0.01}]                # optional: seeded parameters made smaller or larger
    precisions: [bf16, fp16, tf32]  # optional: formats of which the bundle has noise, too

Phase "train" has no `probes`, its batch is 3 or more, and it has

    train:
      steps: 3                      # batches, one a step
      ignored: 0.2                  # share of the labels that is 255
      iters: 20                     # what the schedule is made for
      optimizer: {…}                # sections of a PaddleSeg yml
      lr_scheduler: {…}
      loss: {…}
"""

import copy
from pathlib import Path

import yaml

from oracle.errors import OracleError
from oracle.rounding import PRECISIONS

DEFAULTS = {
    "infer": {"phase": "infer", "probes": "every", "sample": None, "scale": []},
    "train": {"phase": "train", "sample": None, "scale": []},
}
REQUIRED = ("id", "model", "seed", "input")
OPTIONAL = ("precisions",)  # absent where there are none, so that a bundle without them says the same as ever
TRAIN_KEYS = {"steps", "ignored", "iters", "optimizer", "lr_scheduler", "loss"}
SMALLEST_TRAIN_BATCH = 3  # fewer have not the orders that noise is measured with
INPUT_KEYS = {"batch", "height", "width", "image"}
IMAGES = ("noise", "picture", "mosaic")


def read_spec(path):
    """A specification with its defaults filled in."""
    try:
        loaded = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise OracleError(
            f"Cannot read {path}: {' '.join(str(error).split())}; a bundle specification is wanted."
        ) from error
    return validate_spec(loaded, path)


def validate_spec(spec, subject):
    """The specification with its defaults; an unknown, missing or impossible field is an error that names it."""
    if not isinstance(spec, dict):
        raise OracleError(f"Cannot use {subject}: it holds a {type(spec).__name__}; a mapping is wanted.")
    phase = spec.get("phase", "infer")
    _check(subject, phase in DEFAULTS, f"phase is {phase!r}; one of {sorted(DEFAULTS)} is wanted")
    required = (*REQUIRED, "train") if phase == "train" else REQUIRED
    _check(subject, not (missing := [key for key in required if key not in spec]), f"it lacks {missing}")
    _check(
        subject,
        not (unknown := sorted(set(spec) - set(required) - set(DEFAULTS[phase]) - set(OPTIONAL))),
        f"it has the unknown {unknown}",
    )
    full = {**DEFAULTS[phase], **spec}
    _check(
        subject,
        isinstance(full["seed"], int) and full["seed"] >= 0,
        f"seed is {full['seed']!r}; a whole number from 0 is wanted",
    )
    _check_input(subject, full["input"])
    if phase == "train":
        _check_train(subject, full)
    else:
        _check(
            subject,
            full["probes"] in ("every", "blocks") or isinstance(full["probes"], list),
            f"probes is {full['probes']!r}; every, blocks or a list of globs is wanted",
        )
    precisions = full.get("precisions", [])
    _check(
        subject,
        isinstance(precisions, list) and set(precisions) <= set(PRECISIONS),
        f"precisions is {precisions!r}; a list of {sorted(PRECISIONS)} is wanted",
    )
    sample = full["sample"]
    _check(
        subject,
        sample is None or set(sample) == {"above", "count"},
        f"sample is {sample!r}; above and count are wanted",
    )
    return full


def without_pretrained(section):
    """The section without its `pretrained` keys, at any depth."""
    if isinstance(section, dict):
        return {key: without_pretrained(value) for key, value in section.items() if key != "pretrained"}
    if isinstance(section, list):
        return [without_pretrained(item) for item in section]
    return copy.deepcopy(section)


def _check_input(subject, section):
    _check(
        subject,
        isinstance(section, dict) and set(section) == INPUT_KEYS,
        f"input is {section!r}; {sorted(INPUT_KEYS)} are wanted",
    )
    for side in ("batch", "height", "width"):
        _check(
            subject,
            isinstance(section[side], int) and section[side] > 0,
            f"input.{side} is {section[side]!r}; a whole number from 1 is wanted",
        )
    _check(subject, section["image"] in IMAGES, f"input.image is {section['image']!r}; one of {IMAGES} is wanted")


def _check_train(subject, spec):
    section, batch = spec["train"], spec["input"]["batch"]
    _check(
        subject,
        isinstance(spec["model"], dict) and "num_classes" in spec["model"],
        "its model says no num_classes; it is wanted in phase train, whose labels are made of so many",
    )
    _check(
        subject,
        batch >= SMALLEST_TRAIN_BATCH,
        f"input.batch is {batch}; {SMALLEST_TRAIN_BATCH} or more are wanted in phase train",
    )
    _check(
        subject,
        isinstance(section, dict) and set(section) == TRAIN_KEYS,
        f"train is {section!r}; {sorted(TRAIN_KEYS)} are wanted",
    )
    for key in ("steps", "iters"):
        _check(
            subject,
            isinstance(section[key], int) and section[key] > 0,
            f"train.{key} is {section[key]!r}; a whole number from 1 is wanted",
        )
    _check(
        subject,
        isinstance(section["ignored"], (int, float)) and 0 <= section["ignored"] <= 0.6,
        f"train.ignored is {section['ignored']!r}; a share from 0 to 0.6 is wanted",
    )
    for key in ("optimizer", "lr_scheduler", "loss"):
        _check(
            subject,
            isinstance(section[key], dict),
            f"train.{key} is {section[key]!r}; a section of a PaddleSeg yml is wanted",
        )


def _check(subject, holds, what):
    if not holds:
        raise OracleError(f"Cannot use {subject}: {what}.")

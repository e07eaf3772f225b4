"""A bundle of phase "train" on disk."""

import platform

import numpy as np

from oracle import GENERATOR, seeded
from oracle.bundle import FORMAT
from oracle.infer import DEFAULT_SAMPLE_SEED
from oracle.noise import rms
from oracle.train_noise import KINDS


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
                **start.reference.versions(start.model),
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

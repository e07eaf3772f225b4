"""Adds to a bundle the noise of its reference in formats of fewer bits: `noise_at` of its probes and losses."""

import os
from pathlib import Path

import numpy as np

from oracle.bundle import CASE_FILE, FORMAT_2, read_array, read_case, render_case
from oracle.check import ulps_apart
from oracle.errors import OracleError
from oracle.infer import record
from oracle.noise import SIGNIFICANT_DIGITS, measure_noise
from oracle.read_cases import read_infer_case, read_train_case
from oracle.rounding import GradientOverflow, PrecisionOverflow
from oracle.seeded import sample_positions
from oracle.train_noise import KINDS, batch_orders, largest_figures, measure_strays

# Where a scaler of losses begins (paddle.amp.GradScaler). It halves until no gradient overflows.
LARGEST_LOSS_SCALE = 65536.0


def add_precisions(reference, folder, precisions):
    """Writes `noise_at` of these formats into case.json, and format 2; all else stays as it is.

    Gives those that were added, and a sentence for each in which the network overflows, which gets no `noise_at`.
    """
    case, added, failures = read_case(folder), [], []
    if case.get("reference", reference.name) != reference.name:
        raise OracleError(f"Cannot add to {folder}: its reference is {case['reference']}; {reference.name} is wanted.")
    entries, measure = {"infer": _open_infer, "train": _open_training}[case["phase"]](reference, Path(folder), case)
    for precision in precisions:
        try:
            noises = measure(precision)
        except PrecisionOverflow as overflow:
            failures.append(f"{overflow} The bundle has no noise_at for {precision}.")
            continue
        for key, entry in entries.items():
            entry["noise_at"] = {**entry.get("noise_at", {}), precision: noises[key]}
        added.append(precision)
    if added:
        case["format"] = FORMAT_2
        if spec := case.get("made_by", {}).get("spec"):
            spec["precisions"] = sorted({*spec.get("precisions", []), *added})
        _replace(Path(folder) / CASE_FILE, render_case(case))
    return added, failures


def _open_infer(reference, folder, case):
    """name → its entry, and what measures a precision: name → {noise, own_noise}."""
    given = read_infer_case(reference, folder, case)
    entries = {probe["name"]: probe for probe in case["probes"] if "same_as" not in probe}
    names = [probe["name"] for probe in case["probes"]]
    if any("valid" in probe for probe in case["probes"]):
        raise OracleError(f"Cannot add to {folder}: probes of it have `valid`; whole ones are wanted.")
    values = {name: array.astype(np.float32) for name, array in record(given, given.built("float64"), names).items()}
    for name, entry in entries.items():
        _compare(folder, name, entry, values[name])
    sampled = {probe["name"] for probe in case["probes"] if "sample" in _first(probe, entries)}
    complete = {name: values[name] for name in names if name not in sampled}
    model = given.built("float32")

    def measure(precision):
        runs = {"noise": {}, "own_noise": complete} if complete else {"noise": {}}
        noises = {name: {} for name in entries}
        for kind, replacements in runs.items():
            run = record(given, model, names, replacements, precision)
            for name in entries:
                noises[name][kind] = measure_noise(name, run.pop(name), values[name])
        return noises

    return entries, measure


def _open_training(reference, folder, case):
    """The same of losses by step and probes by (kind, name)."""
    given, expect = read_train_case(reference, folder, case), case["train"]["expect"]
    exact = reference.train(given, "float64")
    values = {kind: {name: array.astype(np.float32) for name, array in getattr(exact, kind).items()} for kind in KINDS}
    probes = {(kind, probe["name"]): probe for kind in KINDS for probe in expect[kind] if "same_as" not in probe}
    for (kind, name), probe in probes.items():
        if probe.get("informative", True):  # else it is rounding noise
            _compare(folder, f"{kind}/{name}", probe, values[kind][name])

    def measure(precision):
        runs, scale = [], LARGEST_LOSS_SCALE
        for order in batch_orders(len(given.steps[0].image)):
            run, scale = _train_scaled(reference, given, order, precision, scale)
            runs.append((run.losses, measure_strays(run, values)))
        noises = {
            at: _rounded(max(abs(losses[at] - value) for losses, _ in runs)) for at, value in enumerate(exact.losses)
        }
        for kind, name in probes:
            noises[kind, name] = {"noise": largest_figures([strays[kind][name] for _, strays in runs])}
        return noises

    return {**dict(enumerate(expect["loss"])), **probes}, measure


def _train_scaled(reference, case, order, precision, scale):
    while True:
        try:
            return reference.train(case, "float32", order, precision, scale), scale
        except GradientOverflow:
            if scale <= 1:
                raise
            scale /= 2


def _first(probe, entries):
    return entries[probe.get("same_as", probe["name"])]


def _compare(folder, field, entry, values):
    """Noise is measured against what is computed now, so that must be what the bundle holds."""
    if "sample" in entry:
        plan = entry["sample"]
        values = values.ravel()[sample_positions(plan["seed"], entry["name"], plan["count"], values.size)]
    apart = ulps_apart(values, read_array(folder, entry["value"]))
    if apart > 1:
        raise OracleError(
            f"Cannot add to {folder}: {field} is {apart} ulp away from what this reference gives; a bundle that "
            "`check` accepts is wanted."
        )


def _rounded(figure):
    return float(f"{figure:.{SIGNIFICANT_DIGITS}g}")


def _replace(path, text):
    temporary = path.with_suffix(".json.new")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)

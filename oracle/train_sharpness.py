"""Does a train bundle bring faults to light? Trains the reference in float32 with each and judges by the contract."""

import numpy as np

from oracle import seeded
from oracle.bundle import read_array, read_case
from oracle.noise import rms
from oracle.read_cases import read_train_case
from oracle.train_noise import KINDS, SMALLEST_MAX, SMALLEST_REL_RMS, UNINFORMATIVE_NOISE

# The contract's limits for phase "train", section 3: multiples of rel_rms and max_over_rms.
LIMITS = {"grads": (8.0, 16.0), "params": (16.0, 32.0), "buffers": (8.0, 16.0)}
LOSS_LIMIT, SMALLEST_LOSS = 8.0, 2.0**-22


def measure_training_sharpness(reference, folder):
    """For each fault: how many losses, grads, params and buffers fail, the first, and the worst in noises."""
    case = read_case(folder)
    given, expect = read_train_case(reference, folder, case), case["train"]["expect"]
    goldens = {kind: {probe["name"]: read_array(folder, probe["value"]) for probe in expect[kind]} for kind in KINDS}
    rows = [{"mutation": "none", **_judge(reference.train(given, "float32"), expect, goldens)}]
    for mutation in reference.train_mutations():
        changed = mutation.change(given)
        if changed is not None:
            rows.append({"mutation": mutation.name, **_judge(reference.train(changed, "float32"), expect, goldens)})
    return rows


def render_training_sharpness(rows):
    """A Markdown table."""
    lines = [
        "| fault | losses | grads | params | buffers | first to fail | worst | × noise |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        counts = " | ".join(str(row[kind]) for kind in ("loss", *KINDS))
        lines.append(f"| {row['mutation']} | {counts} | {row['first']} | {row['worst']} | {row['multiple']:.3g} |")
    return "\n".join(lines)


def _judge(run, expect, goldens):
    verdict = {"loss": 0, **{kind: 0 for kind in KINDS}, "first": "–", "worst": "–", "multiple": 0.0}

    def note(kind, name, multiple, fails):
        if multiple > verdict["multiple"]:
            verdict.update(worst=name, multiple=multiple)
        if fails:
            verdict[kind] += 1
            if verdict["first"] == "–":
                verdict["first"] = name

    largest = max(loss["noise"] for loss in expect["loss"])
    for index, (actual, loss) in enumerate(zip(run.losses, expect["loss"])):
        error, unit = abs(actual - loss["value"]), max(largest, SMALLEST_LOSS * abs(loss["value"]))
        note("loss", f"loss/{index}", error / unit, not error <= LOSS_LIMIT * unit)
    for kind in KINDS:
        for probe in expect[kind]:
            informative = probe.get("informative", True) and not (
                kind == "grads" and probe["noise"]["rel_rms"] >= UNINFORMATIVE_NOISE
            )
            if informative and probe["name"] in getattr(run, kind):
                multiple, fails = _judge_probe(
                    probe, getattr(run, kind)[probe["name"]], goldens[kind][probe["name"]], LIMITS[kind]
                )
                note(kind, f"{kind}/{probe['name']}", multiple, fails)
    return verdict


def _judge_probe(probe, values, golden, limits):
    if "sample" in probe:
        values = values.ravel()[
            seeded.sample_positions(probe["sample"]["seed"], probe["name"], probe["sample"]["count"], values.size)
        ]
    scale = probe.get("rms", rms(golden))
    error = np.abs(values.astype(np.float64) - golden)
    if scale == 0.0:
        return (float("inf") if np.any(error) else 0.0), bool(np.any(error))
    multiple = rms(error) / scale / max(probe["noise"]["rel_rms"], SMALLEST_REL_RMS)
    largest = (
        float(np.max(error))
        / scale
        / max(probe["noise"]["max_over_rms"], SMALLEST_MAX * float(np.max(np.abs(golden))) / scale)
    )
    return multiple, not (multiple <= limits[0] and largest <= limits[1])

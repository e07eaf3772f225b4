"""Does a bundle bring faults to light? Puts each into the reference's float32 model and judges it by the contract."""

import numpy as np

from oracle import seeded
from oracle.bundle import read_array, read_case
from oracle.draws import recorded_draws
from oracle.infer import Case
from oracle.noise import rms
from oracle.verify import read_weights

# The contract's limits for phase "infer", section 3.
LIMITS = {"rel_rms": 4.0, "max_over_rms": 8.0}
SMALLEST_REL_RMS = 2.0**-24
SMALLEST_MAX = 2.0**-23


def measure_sharpness(reference, folder):
    """For each mutation that can act on the model: the first probes whose own and accumulated errors fail, and how far
    both go.
    """
    case, given = _read_case(reference, folder)
    goldens = {probe["name"]: read_array(folder, probe["value"]) for probe in case["probes"]}
    complete = {probe["name"]: goldens[probe["name"]] for probe in case["probes"] if "sample" not in probe}
    rows = []
    acting = [mutation for mutation in reference.mutations() if mutation.apply(given.built("float32"))]
    for mutation in [None, *acting]:
        row = {"mutation": "none" if mutation is None else mutation.name}
        for key, noise, replacements in (("own", "own_noise", complete), ("accumulated", "noise", {})):
            model = given.built("float32")
            if mutation is not None:
                mutation.apply(model)
            row[key] = _judge(model, given, case, goldens, noise, replacements)
        rows.append(row)
    return rows


def render_sharpness(rows):
    """A Markdown table; × is rel_rms in units of the noise at the first probe that fails, and the worst anywhere."""
    lines = [
        "| mutation | first own failure | × own noise | first accumulated failure | × noise | worst × noise |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        own, accumulated = row["own"], row["accumulated"]
        lines.append(
            f"| {row['mutation']} | {own['first']} | {own['multiple']:.3g} | {accumulated['first']} | "
            f"{accumulated['multiple']:.3g} | {accumulated['worst']:.3g} |"
        )
    return "\n".join(lines)


def _read_case(reference, folder):
    case = read_case(folder)
    draws = {name: read_array(folder, reference) for name, reference in case["draws"].items()}
    given = Case(
        reference,
        case["model"],
        read_array(folder, case["inputs"]["image"]),
        draws,
        case["parameters"],
        None,
        read_weights(reference, folder, case),
    )
    return case, given


def _judge(model, given, case, goldens, noise_key, replacements):
    with given.reference.draws(model, recorded_draws(given.draws)):
        values = given.reference.record(model, given.image, list(goldens), replacements)
    verdict = {"first": "–", "multiple": 0.0, "worst": 0.0}
    for probe in case["probes"]:
        if noise_key not in probe:
            continue
        multiple, fails = _judge_probe(probe, values[probe["name"]], goldens[probe["name"]], probe[noise_key])
        verdict["worst"] = max(verdict["worst"], multiple)
        if fails and verdict["first"] == "–":
            verdict.update(first=probe["name"], multiple=multiple)
    return verdict


def _judge_probe(probe, values, golden, noise):
    if "sample" in probe:
        positions = seeded.sample_positions(
            probe["sample"]["seed"], probe["name"], probe["sample"]["count"], values.size
        )
        values = values.ravel()[positions]
    scale = probe.get("rms", rms(golden))
    error = np.abs(values.astype(np.float64) - golden)
    multiple = rms(error) / scale / max(noise["rel_rms"], SMALLEST_REL_RMS)
    largest = (
        float(np.max(error)) / scale / max(noise["max_over_rms"], SMALLEST_MAX * float(np.max(np.abs(golden))) / scale)
    )
    return multiple, not (multiple <= LIMITS["rel_rms"] and largest <= LIMITS["max_over_rms"])

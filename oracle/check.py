"""Makes a bundle again in a temporary folder and compares: goldens within 1 ulp, the same probes, like noise."""

import math
import tempfile
from pathlib import Path

import numpy as np

from oracle.bundle import BundleWriter, read_array, read_case
from oracle.errors import OracleError
from oracle.infer import make_infer_bundle, run_infer, write_infer_bundle
from oracle.noise import rms
from oracle.read_cases import read_infer_case
from oracle.train import make_train_bundle
from oracle.verify import noises_of

# A number that is left over from a cancellation (the tail of GELU) is only as exact as its neighbours are large.
ABSOLUTE_SLACK = 2.0**-40  # of the probe's rms: 4096 float64 roundings
SCALAR_TOLERANCE = 1e-12  # of float64 losses and learning rates
NOISE_FACTOR = 4  # another processor, another order of summation: its own float32 error, of the same size
NOISE_FLOOR = {"rel_rms": 2.0**-24, "max_over_rms": 2.0**-23}  # below this the judge counts no differences either


def check_bundle(reference, folder):
    """Sentences about what differs when the bundle is made again; none when all is well."""
    case = read_case(folder)
    with tempfile.TemporaryDirectory() as temporary:
        again = Path(temporary) / "again"
        _make_again(reference, folder, case, again)
        if precisions := _precisions_of(case):
            from oracle.precisions import add_precisions

            add_precisions(reference, again, precisions)
        return compare_bundles(again, folder)


def compare_bundles(actual, expected):
    """Sentences about what differs between two bundles of one case."""
    actual_case, expected_case = read_case(actual), read_case(expected)
    problems = [f"{key} differs." for key in ("phase", "model", "parameters") if actual_case[key] != expected_case[key]]
    if problems:
        return problems
    if expected_case["phase"] == "train":
        return _compare_training(actual, expected, actual_case["train"], expected_case["train"])
    problems += _compare_arrays(actual, expected, "inputs", actual_case["inputs"], expected_case["inputs"])
    problems += _compare_arrays(actual, expected, "draws", actual_case["draws"], expected_case["draws"])
    return problems + _compare_probes(actual, expected, "probe", actual_case["probes"], expected_case["probes"])


def ulps_apart(actual, expected):
    """The largest distance of two float32 arrays, in float32 numbers between them. Within the slack they are equal."""
    difference = np.abs(actual.astype(np.float64) - expected.astype(np.float64))
    counted = ~(difference <= ABSOLUTE_SLACK * rms(expected))
    return int(np.max(np.abs(_ordinal(actual) - _ordinal(expected))[counted], initial=0))


def _precisions_of(case):
    expect = case.get("train", {}).get("expect", {})
    probes = [*case.get("probes", []), *(entry for kind in ("grads", "loss") for entry in expect.get(kind, []))]
    return sorted({precision for probe in probes for precision in probe.get("noise_at", {})})


def _make_again(reference, folder, case, destination):
    spec = case["made_by"].get("spec")
    if spec is not None:
        if case["phase"] == "infer":
            return make_infer_bundle(reference, spec, destination)
        return make_train_bundle(
            reference, spec, destination, spread_limit=math.inf, flip_limit=math.inf
        )  # a seed that was good where it was made; runs elsewhere round otherwise
    if case["phase"] == "train":
        raise OracleError(
            f"Cannot make {folder} again: made_by.spec is missing; bundles of phase train are made again from their "
            "specification."
        )
    given = read_infer_case(reference, folder, case)
    plans = [(probe["sample"], int(np.prod(probe["shape"]))) for probe in case["probes"] if "sample" in probe]
    sample = {"above": min(size for _, size in plans) - 1, "count": plans[0][0]["count"]} if plans else None
    if plans and {plan["seed"] for plan, _ in plans} != {plans[0][0]["seed"]}:
        raise OracleError(f"Cannot make {folder} again: its probes are sampled with several seeds; one is wanted.")
    goldens = run_infer(given, [probe["name"] for probe in case["probes"]], sample)
    with BundleWriter(destination) as writer:
        return write_infer_bundle(
            writer, case["id"], given, goldens, sample, {}, plans[0][0]["seed"] if plans else None
        )


def _compare_training(actual, expected, made, kept):
    problems = [
        f"train.{key} differs." for key in ("optimizer", "lr_scheduler", "iters", "loss") if made[key] != kept[key]
    ]
    if len(made["steps"]) != len(kept["steps"]):
        return [*problems, f"train.steps are {len(made['steps'])}; the bundle has {len(kept['steps'])}."]
    for index, (made_step, kept_step) in enumerate(zip(made["steps"], kept["steps"])):
        field = f"train.steps[{index}]"
        problems += _compare_arrays(
            actual,
            expected,
            field,
            *({key: step[key] for key in ("image", "label")} for step in (made_step, kept_step)),
        )
        problems += _compare_arrays(actual, expected, f"{field}.draws", made_step["draws"], kept_step["draws"])
    for key in ("lr", "loss"):
        for index, (made_value, kept_value) in enumerate(zip(made["expect"][key], kept["expect"][key])):
            actual_value, expected_value = (
                entry if key == "lr" else entry["value"] for entry in (made_value, kept_value)
            )
            if not abs(actual_value - expected_value) <= SCALAR_TOLERANCE * abs(expected_value):
                problems.append(f"train.expect.{key}[{index}] is {actual_value}; the bundle says {expected_value}.")
    for kind in ("grads", "params", "buffers"):
        problems += _compare_probes(actual, expected, kind, made["expect"][kind], kept["expect"][kind])
    return problems


def _compare_probes(actual, expected, kind, made_probes, kept_probes):
    if [probe["name"] for probe in made_probes] != [probe["name"] for probe in kept_probes]:
        return [f"the names of {kind} differ: {len(made_probes)} are made, {len(kept_probes)} are in the bundle."]
    return [
        f"{kind} {kept['name']} {what}"
        for made, kept in zip(made_probes, kept_probes)
        for what in _compare_probe(actual, expected, made, kept)
    ]


def _compare_arrays(actual, expected, field, made, kept):
    if list(made) != list(kept):
        return [f"{field} are {sorted(made)}; the bundle has {sorted(kept)}."]
    return [
        f"{field}: {name} differs."
        for name in kept
        if not np.array_equal(read_array(actual, made[name]), read_array(expected, kept[name]))
    ]


def _compare_probe(actual, expected, made, kept):
    for key in ("shape", "sample", "informative"):
        if made.get(key) != kept.get(key):
            yield f"has the {key} {made.get(key)}; the bundle says {kept.get(key)}."
            return
    if not kept.get("informative", True):
        return  # its golden is rounding noise, here and everywhere
    apart = ulps_apart(read_array(actual, made["value"]), read_array(expected, kept["value"]))
    if not apart <= 1:
        yield f"is {apart} ulp away from the bundle's; 1 is allowed."
    made_noises, kept_noises = noises_of(made), noises_of(kept)
    for key in dict.fromkeys([*made_noises, *kept_noises]):
        if (key in made_noises) != (key in kept_noises):
            yield f"has {key} only in one of the two."
        else:
            yield from _compare_noise(key, made_noises[key], kept_noises[key])


def _compare_noise(key, made, kept):
    for figure, floor in NOISE_FLOOR.items():
        low, high = sorted(max(figures[figure], floor) for figures in (made, kept))
        if not high <= NOISE_FACTOR * low:
            yield (
                f"has the {key} {figure} {made[figure]}; the bundle says {kept[figure]}, and a factor of "
                f"{NOISE_FACTOR} is allowed."
            )


def _ordinal(values):
    bits = np.ascontiguousarray(values, np.float32).view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)

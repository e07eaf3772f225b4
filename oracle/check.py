"""Makes a bundle once more, into a temporary folder, and compares: goldens within 1 ulp, the same probes, like noise."""

import tempfile
from pathlib import Path

import numpy as np

from oracle.bundle import BundleWriter, read_array, read_case
from oracle.errors import OracleError
from oracle.infer import Case, make_infer_bundle, run_reference, write_infer_bundle
from oracle.noise import rms
from oracle.verify import read_weights

# A number that is left over from a cancellation (the tail of GELU) is only as exact as its neighbours are large.
ABSOLUTE_SLACK = 2.0**-40  # of the probe's rms: 4096 float64 roundings
NOISE_FACTOR = 4  # another processor, another order of summation: its own float32 error, of the same size
NOISE_FLOOR = {"rel_rms": 2.0**-24, "max_over_rms": 2.0**-23}  # below this the judge counts no differences either


def check_bundle(folder):
    """Sentences about what differs when the bundle is made again; none when all is well."""
    case = read_case(folder)
    with tempfile.TemporaryDirectory() as temporary:
        again = Path(temporary) / "again"
        _make_again(folder, case, again)
        return compare_bundles(again, folder)


def compare_bundles(actual, expected):
    """Sentences about what differs between two bundles of one case."""
    actual_case, expected_case = read_case(actual), read_case(expected)
    problems = [f"{key} differs." for key in ("phase", "model", "parameters") if actual_case[key] != expected_case[key]]
    problems += _compare_arrays(actual, expected, "inputs", actual_case["inputs"], expected_case["inputs"])
    problems += _compare_arrays(actual, expected, "draws", actual_case["draws"], expected_case["draws"])
    names = [[probe["name"] for probe in case["probes"]] for case in (actual_case, expected_case)]
    if names[0] != names[1]:
        return [*problems, f"the probes differ: {len(names[0])} are made, {len(names[1])} are in the bundle."]
    for made, kept in zip(actual_case["probes"], expected_case["probes"]):
        problems += [f"probe {kept['name']} {what}" for what in _compare_probe(actual, expected, made, kept)]
    return problems


def ulps_apart(actual, expected):
    """The largest distance of two float32 arrays, counted in float32 numbers between them; what lies within the slack counts as equal."""
    difference = np.abs(actual.astype(np.float64) - expected.astype(np.float64))
    counted = ~(difference <= ABSOLUTE_SLACK * rms(expected))
    return int(np.max(np.abs(_ordinal(actual) - _ordinal(expected))[counted], initial=0))


def _make_again(folder, case, destination):
    spec = case["made_by"].get("spec")
    if spec is not None:
        return make_infer_bundle(spec, destination)
    given = Case(
        model=case["model"],
        image=read_array(folder, case["inputs"]["image"]),
        draws={name: read_array(folder, reference) for name, reference in case["draws"].items()},
        parameters=case["parameters"],
        seed=None,
        arrays=read_weights(folder, case),
    )
    plans = [(probe["sample"], int(np.prod(probe["shape"]))) for probe in case["probes"] if "sample" in probe]
    sample = {"above": min(size for _, size in plans) - 1, "count": plans[0][0]["count"]} if plans else None
    if plans and {plan["seed"] for plan, _ in plans} != {plans[0][0]["seed"]}:
        raise OracleError(f"Cannot make {folder} again: its probes are sampled with several seeds; one is wanted.")
    goldens = run_reference(given, [probe["name"] for probe in case["probes"]], sample)
    with BundleWriter(destination) as writer:
        return write_infer_bundle(writer, case["id"], given, goldens, sample, {}, plans[0][0]["seed"] if plans else None)


def _compare_arrays(actual, expected, field, made, kept):
    if list(made) != list(kept):
        return [f"{field} are {sorted(made)}; the bundle has {sorted(kept)}."]
    return [f"{field}: {name} differs." for name in kept if not np.array_equal(read_array(actual, made[name]), read_array(expected, kept[name]))]


def _compare_probe(actual, expected, made, kept):
    for key in ("shape", "sample"):
        if made.get(key) != kept.get(key):
            yield f"has the {key} {made.get(key)}; the bundle says {kept.get(key)}."
            return
    apart = ulps_apart(read_array(actual, made["value"]), read_array(expected, kept["value"]))
    if not apart <= 1:
        yield f"is {apart} ulp away from the bundle's; 1 is allowed."
    for key in ("noise", "own_noise"):
        if (key in made) != (key in kept):
            yield f"has {key} only in one of the two."
        elif key in kept:
            yield from _compare_noise(key, made[key], kept[key])


def _compare_noise(key, made, kept):
    for figure, floor in NOISE_FLOOR.items():
        low, high = sorted(max(figures[figure], floor) for figures in (made, kept))
        if not high <= NOISE_FACTOR * low:
            yield f"has the {key} {figure} {made[figure]}; the bundle says {kept[figure]}, and a factor of {NOISE_FACTOR} is allowed."


def _ordinal(values):
    bits = np.ascontiguousarray(values, np.float32).view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)

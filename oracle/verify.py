"""Checks a bundle against the contract, on its own: files, hashes, names, shapes, order, numbers. Runs no model but for
names and order.
"""

import math
from pathlib import Path

import numpy as np

from oracle.bundle import CASE_FILE, read_array, read_case, sha256_of
from oracle.draws import bases_problems
from oracle.errors import OracleError
from oracle.noise import rms
from oracle.weights import seed_parameters

COMMON_KEYS = ("format", "id", "phase", "model", "parameters", "weights", "sha256", "made_by")
PHASE_KEYS = {"infer": ("inputs", "draws", "probes"), "train": ("train",)}
PROBE_KEYS = {"name", "value", "shape", "noise", "own_noise", "sample", "rms", "informative", "layout", "noise_at"}
RMS_TOLERANCE = 1e-6  # `rms` is of the float32 goldens, written with all its digits


def verify_bundle(reference, folder):
    """Sentences about what is wrong with a bundle; none when all is well."""
    from oracle.verify_train import verify_steps, verify_training_probes, verify_training_run

    folder, case = Path(folder), read_case(folder)
    alone = {"infer": (_verify_inputs, _verify_probes), "train": (verify_steps, verify_training_probes)}
    against_reference = {"infer": _verify_order, "train": verify_training_run}
    phase = case.get("phase")
    if phase not in alone:
        raise OracleError(f"Cannot verify {folder}: its phase is {phase!r}; one of {sorted(alone)} is wanted.")
    for check in (_verify_keys, _verify_files):
        if problems := check(folder, case):
            return problems
    problems = list(_verify_weights(reference, folder, case))
    for check in alone[phase]:
        problems += check(folder, case)
    problems += against_reference[phase](reference, folder, case)
    return problems


def read_weights(reference, folder, case):
    """Name → float32 of every tensor that the bundle's `weights` give; later entries override earlier ones."""
    weights = {}
    for entry in case["weights"]:
        if "seeded" in entry:
            weights.update(seed_parameters(case["parameters"], entry["seeded"]["seed"]))
        elif "pdparams" in entry:
            weights.update(reference.read_weights(Path(folder) / entry["pdparams"]))
        else:
            weights.update({name: read_array(folder, reference) for name, reference in entry["arrays"].items()})
    return weights


def _verify_keys(folder, case):
    known = COMMON_KEYS + PHASE_KEYS[case["phase"]]
    missing = [key for key in known if key not in case]
    unknown = [key for key in case if key not in known]
    return [f"case.json lacks {key}." for key in missing] + [f"case.json has the unknown key {key}." for key in unknown]


def _verify_files(folder, case):
    present = {path.name for path in folder.iterdir()} - {CASE_FILE}
    problems = [f"{file} is there and has no hash." for file in sorted(present - set(case["sha256"]))]
    for file, expected in case["sha256"].items():
        if file not in present:
            problems.append(f"{file} has a hash and is not there.")
        elif sha256_of(folder / file) != expected:
            problems.append(f"{file} is not what its hash says.")
    return problems


def _verify_weights(reference, folder, case):
    weights, parameters = read_weights(reference, folder, case), case["parameters"]
    problems = [f"weights lack {name}." for name in parameters if name not in weights]
    problems += [f"weights have the unexpected {name}." for name in weights if name not in parameters]
    for name, values in weights.items():
        if name in parameters and list(values.shape) != parameters[name]:
            problems.append(f"weights: {name} has the shape {list(values.shape)}; parameters say {parameters[name]}.")
        if values.dtype != np.float32 or not np.all(np.isfinite(values)):
            problems.append(f"weights: {name} is {values.dtype} or holds NaN or infinity; finite float32 is wanted.")
    return problems


def _verify_inputs(folder, case):
    problems = image_problems("inputs.image", read_array(folder, case["inputs"]["image"]))
    for name, reference in case["draws"].items():
        problems += bases_problems(f"draws: {name}", read_array(folder, reference), case["model"])
    return problems


def image_problems(field, image):
    """What is wrong with an image."""
    if image.dtype != np.float32 or image.ndim != 4 or image.shape[1] != 3 or not np.all(np.isfinite(image)):
        return [f"{field} is {image.dtype} {list(image.shape)}; finite float32 [B, 3, H, W] is wanted."]
    return []


def _verify_probes(folder, case):
    names = [probe["name"] for probe in case["probes"]]
    problems = [] if names else ["probes is empty; at least one is wanted."]
    problems += [f"probe {name} stands there twice." for name in sorted(set(names)) if names.count(name) > 1]
    for probe in case["probes"]:
        problems += [f"probe {probe['name']} {what}" for what in probe_problems(folder, probe)]
    return problems


def probe_problems(folder, probe):
    """What is wrong with one probe by itself."""
    if unknown := sorted(set(probe) - PROBE_KEYS):
        yield f"has the unknown keys {unknown}."
    values, size = read_array(folder, probe["value"]), math.prod(probe["shape"])
    if values.dtype != np.float32 or not np.all(np.isfinite(values)):
        yield f"is {values.dtype} or holds NaN or infinity; finite float32 is wanted."
    if "sample" in probe:
        if list(values.shape) != [probe["sample"]["count"]] or "rms" not in probe:
            yield f"is sampled; {probe['sample']['count']} values and an rms are wanted."
    elif list(values.shape) != probe["shape"]:
        yield f"has the shape {list(values.shape)}; {probe['shape']} is what case.json says."
    elif "rms" in probe and abs(probe["rms"] - rms(values)) > RMS_TOLERANCE * rms(values):
        yield f"says an rms of {probe['rms']}; its values have {rms(values)}."
    for key, figures in noises_of(probe).items():
        if set(figures) != {"rel_rms", "max_over_rms"} or not all(
            math.isfinite(figure) and figure >= 0 for figure in figures.values()
        ):
            yield f"has the {key} {figures}; two finite figures from 0 are wanted."
    if size == 0:
        yield "holds no elements."


def noises_of(probe):
    """noise, own_noise, fp16.noise, …: figures, those that there are."""
    found = {key: probe[key] for key in ("noise", "own_noise") if key in probe}
    for precision, noises in probe.get("noise_at", {}).items():
        found.update({f"{precision}.{key}": figures for key, figures in noises.items()})
    return found


def _verify_order(reference, folder, case):
    """Names and shapes of parameters and probes against the reference itself."""
    from oracle.infer import first_pass

    model, draws = reference.build(case["model"], "float32"), {}
    finished = first_pass(reference, model, read_array(folder, case["inputs"]["image"]), draws)
    parameters = reference.parameters(model)
    problems = []
    if list(parameters.items()) != list(case["parameters"].items()):
        problems.append("parameters are not the names and shapes of the model's state_dict(), in its order.")
    names = [probe["name"] for probe in case["probes"]]
    problems += [
        f"probe {name} is not a sublayer that the reference calls once." for name in names if name not in finished
    ]
    if [name for name in finished if name in set(names)] != [name for name in names if name in set(finished)]:
        problems.append("probes do not stand in the order in which the reference finishes them.")
    shapes = {name: list(array.shape) for name, array in draws.items() if name not in parameters}
    given = {name: list(read_array(folder, reference).shape) for name, reference in case["draws"].items()}
    if shapes != given:
        problems.append(f"draws have the shapes {given}; the reference draws {shapes}.")
    return problems

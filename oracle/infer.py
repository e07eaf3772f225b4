"""Bundles of phase "infer": a forward pass in evaluation mode, probes in float64, the noise of float32 beside them."""

import platform
import zlib
from dataclasses import dataclass, field

import numpy as np

from oracle import GENERATOR, seeded
from oracle.bundle import FORMAT, FORMAT_2, BundleWriter
from oracle.draws import recorded_draws, seeded_draws
from oracle.images import make_image
from oracle.noise import measure_noise, rms
from oracle.probes import choose_probes
from oracle.references import Reference
from oracle.spec import without_pretrained
from oracle.weights import scale_parameters, seed_parameters

DEFAULT_SAMPLE_SEED = 9


@dataclass
class Case:
    """All that one forward pass depends on."""

    reference: Reference
    model: dict
    image: np.ndarray  # float32 [b, 3, h, w]
    draws: dict  # name → float32
    parameters: dict  # name → shape, in the order of state_dict()
    seed: "int | None"  # None: nothing is seeded, `arrays` holds all
    arrays: dict = field(default_factory=dict)  # name → float32: what is stored, and overrides what is seeded

    def weights(self):
        """Name → float32 of every tensor of the model's state_dict()."""
        drawn = {} if self.seed is None else seed_parameters(self.parameters, self.seed)
        return {**drawn, **self.arrays}

    def built(self, dtype):
        """The model with these weights."""
        model = self.reference.build(self.model, dtype)
        if any(name.endswith(".bases") for name in self.parameters):
            first_pass(self.reference, model, self.image, {})
        self.reference.set_weights(model, self.weights())
        return model


@dataclass
class Goldens:
    """What the reference gives for a case; each dictionary in the order in which the reference finishes its probes."""

    values: dict  # name → float32, the float64 run rounded once
    noise: dict  # name → figures
    own_noise: dict  # name → figures
    sampled: list  # names of the probes too large to be stored whole


def make_infer_bundle(reference, spec, destination, force=False):
    """Makes the bundle that a specification describes."""
    with BundleWriter(destination, force) as writer:
        case = case_from_spec(reference, spec)
        goldens = run_infer(case, spec["probes"], spec["sample"])
        write_infer_bundle(writer, spec["id"], case, goldens, spec["sample"], {"spec": spec})


def case_from_spec(reference, spec):
    """Seeded weights, draws and image, with batch norms calibrated on that image."""
    section, size = without_pretrained(spec["model"]), spec["input"]
    image = make_image(size["image"], spec["seed"], size["batch"], size["height"], size["width"])
    return seeded_case(reference, section, image, spec["seed"], spec["scale"])


def seeded_case(reference, section, image, seed, scales=()):
    """A case whose weights are seeded: the arrays are the calibrated buffers and the scaled parameters."""
    model, draws = reference.build(section, "float64"), {}
    first_pass(reference, model, image, draws, seed)
    parameters = reference.parameters(model)
    arrays = _fixed_bases(parameters, draws)
    drawn = seed_parameters(parameters, seed)
    arrays.update(scale_parameters(drawn, scales))
    buffers = {
        name: np.ones(shape, np.float32)
        for name, shape in parameters.items()
        if name not in drawn and name not in arrays
    }
    reference.set_weights(model, {**buffers, **drawn, **arrays})
    arrays.update(reference.calibrate(model, image, draws, seed))
    return Case(
        reference,
        section,
        image,
        draws,
        parameters,
        seed,
        {name: arrays[name] for name in parameters if name in arrays},
    )


def loaded_case(reference, section, image, weights, seed, subject):
    """A case whose weights are given; the draws are seeded."""
    model, draws = reference.build(section, "float64"), {}
    first_pass(reference, model, image, draws, seed)
    parameters = reference.parameters(model)
    _fixed_bases(parameters, draws)
    reference.set_weights(model, weights, subject)
    return Case(reference, section, image, draws, parameters, None, {name: weights[name] for name in parameters})


def run_infer(case, choice, sample):
    """Three runs: float64 for the goldens, float32 for the noise, float32 on replaced probes for the own noise."""
    reference, image = case.reference, case.image
    model = case.built("float32")
    with reference.draws(model, recorded_draws(case.draws)):
        names = choose_probes(reference.probe_names(model, image), choice)
    exact = record(case, case.built("float64"), names)
    values = {name: exact.pop(name).astype(np.float32) for name in names}
    sampled = [name for name in names if sample is not None and values[name].size > sample["above"]]
    complete = {name: values[name] for name in names if name not in sampled}
    model = case.built("float32")
    rounded = record(case, model, names)
    noise = {name: measure_noise(name, rounded.pop(name), values[name]) for name in names}
    rounded = record(case, model, names, complete)
    own_noise = {name: measure_noise(name, rounded.pop(name), values[name]) for name in names}
    return Goldens(values, noise, own_noise, sampled)


def write_infer_bundle(writer, identity, case, goldens, sample, made_by, sample_seed=DEFAULT_SAMPLE_SEED):
    """Writes everything of a bundle of phase "infer"."""
    stored, entries = {}, []
    for name, values in goldens.values.items():
        entry = {"name": name, "value": None, "shape": list(values.shape), "noise": goldens.noise[name]}
        if values.ndim != 4:
            entry["layout"] = "raw"
        if len(goldens.sampled) < len(goldens.values):  # where nothing is complete, nothing was replaced
            entry["own_noise"] = goldens.own_noise[name]
        if name in goldens.sampled:
            plan = {"seed": sample_seed, "count": sample["count"]}
            entry.update(sample=plan, rms=rms(values))
            values = values.ravel()[seeded.sample_positions(plan["seed"], name, plan["count"], values.size)]
        stored[name] = values
        entries.append(entry)
    references = writer.write_arrays("probes.npz", stored)
    for entry in entries:
        entry["value"] = references[entry["name"]]
    weights = [] if case.seed is None else [{"seeded": {"scheme": seeded.SCHEME, "seed": case.seed}}]
    if case.arrays:
        weights.append({"arrays": writer.write_arrays("weights.npz", case.arrays)})
    writer.finish(
        {
            "format": FORMAT_2 if any("layout" in entry for entry in entries) else FORMAT,
            "id": identity,
            "phase": "infer",
            "model": case.model,
            "parameters": case.parameters,
            "weights": weights,
            "inputs": {"image": write_image(writer, case.image)},
            "draws": writer.write_arrays("draws.npz", case.draws) if case.draws else {},
            "probes": entries,
            "made_by": {
                "generator": GENERATOR,
                **case.reference.versions(case.model),
                "dtype": "float64",
                "python": platform.python_version(),
                "numpy": np.__version__,
                **made_by,
            },
        }
    )


def first_pass(reference, model, image, draws, seed=0):
    """The names of all probes; notes the draws of one forward pass in `draws`.

    A model with fixed bases registers them as a buffer here, on its first forward pass.
    """
    with reference.draws(model, seeded_draws(seed, draws)):
        return reference.probe_names(model, image)


def record(case, model, names, replacements=None, precision=None):
    """One forward pass of a built model with the draws of the case; see Reference.record."""
    with case.reference.draws(model, recorded_draws(case.draws)):
        return case.reference.record(model, case.image, names, replacements, precision)


def _fixed_bases(parameters, draws):
    """Moves bases that are a registered buffer from the draws to the arrays, normalised as they are registered."""
    fixed = {}
    for name in [name for name in draws if name in parameters]:
        values = draws.pop(name).astype(np.float64)
        norm = np.maximum(np.sqrt(np.sum(values**2, axis=1, keepdims=True)), 1e-12)
        fixed[name] = (values / norm).astype(np.float32)
    return fixed


def write_image(writer, image):
    """Writes an image and gives its reference: deflated where that halves it, as it does drawn ones."""
    if 2 * len(zlib.compress(image.tobytes())) > image.nbytes:
        return writer.write_array("image.npy", image)
    return writer.write_arrays("image.npz", {"image": image})["image"]

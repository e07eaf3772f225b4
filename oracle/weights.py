"""A bundle's weights: seeded parameters, scaled ones, statistics of batch norms; and the names that a model wants."""

from fnmatch import fnmatchcase

import numpy as np

from oracle import seeded
from oracle.errors import OracleError

# Buffers keep 12 significant bits: a different order of summation elsewhere then gives the same numbers, not nearly the
# same.
BUFFER_BITS = 12
# How far the buffers are moved off the statistics of the batch, so that a port which takes the batch's own is seen.
MEAN_SHIFT = 0.25  # standard deviations
VARIANCE_RATIO = (0.7, 1.4)


def seed_parameters(parameters, seed):
    """Name → float32 values of all that is seeded; buffers are left out."""
    drawn = {name: seeded.parameter(seed, name, shape) for name, shape in parameters.items()}
    return {name: values for name, values in drawn.items() if values is not None}


def scale_parameters(values, scales):
    """The values that `scales` ([{match: glob, by: factor}]) changes: name → float32 values."""
    changed = {}
    for entry in scales:
        matching = [name for name in values if fnmatchcase(name, entry["match"])]
        if not matching:
            raise OracleError(f"Cannot scale {entry['match']}: no seeded parameter has such a name.")
        for name in matching:
            changed[name] = (changed.get(name, values[name]) * np.float32(entry["by"])).astype(np.float32)
    return changed


def move_statistics(name, seed, mean, variance):
    """Float32 (mean, variance) of the batch norm `name`: those of a batch, moved a seeded little."""
    shift = (2 * seeded.uniform(seed, f"{name}._mean", mean.size) - 1) * MEAN_SHIFT
    low, high = VARIANCE_RATIO
    ratio = low + (high - low) * seeded.uniform(seed, f"{name}._variance", mean.size)
    return _coarse(mean + shift * np.sqrt(variance)), _coarse(variance * ratio)


def check_weights(parameters, weights, subject):
    """Refuses weights that have not exactly the names and shapes of `parameters`."""
    _refuse(subject, "lacks", [name for name in parameters if name not in weights])
    _refuse(subject, "has the unexpected", [name for name in weights if name not in parameters])
    for name, shape in parameters.items():
        if list(weights[name].shape) != shape:
            raise OracleError(
                f"Cannot load {subject}: {name} has the shape {list(weights[name].shape)}; {shape} is wanted."
            )


def _coarse(values):
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.round(mantissa * 2**BUFFER_BITS) / 2**BUFFER_BITS, exponent).astype(np.float32)


def _refuse(subject, verb, names):
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        raise OracleError(
            f"Cannot load {subject}: it {verb} {', '.join(names[:3])}{more}; every name of the model's state_dict is "
            "wanted, and no other."
        )

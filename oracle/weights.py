"""A model's weights: seeded parameters, calibrated batch-norm buffers, checkpoints; all of them set strictly."""

import pickle
from fnmatch import fnmatchcase

import numpy as np

from oracle import seeded
from oracle.draws import draws_from, recorded
from oracle.errors import OracleError
from oracle.reference import load_paddle

# Buffers keep 12 significant bits: a different order of summation elsewhere then gives the same numbers, not nearly the same.
BUFFER_BITS = 12
# How far the buffers are moved off the statistics of the batch, so that a port which takes the batch's own is seen.
MEAN_SHIFT = 0.25  # standard deviations
VARIANCE_RATIO = (0.7, 1.4)


def list_parameters(model):
    """Every name and shape of state_dict(), in its order."""
    return {name: [int(side) for side in tensor.shape] for name, tensor in model.state_dict().items()}


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


def set_weights(model, weights, subject="the model"):
    """Sets every tensor of the model's state_dict() to weights[name]; missing, unexpected and misshapen names are errors."""
    parameters = list_parameters(model)
    _refuse(subject, "lacks", [name for name in parameters if name not in weights])
    _refuse(subject, "has the unexpected", [name for name in weights if name not in parameters])
    for name, shape in parameters.items():
        if list(weights[name].shape) != shape:
            raise OracleError(
                f"Cannot load {subject}: {name} has the shape {list(weights[name].shape)}; {shape} is wanted."
            )
    for name, tensor in model.state_dict().items():
        tensor.set_value(load_paddle().to_tensor(weights[name], dtype=tensor.dtype))


def read_pdparams(path):
    """Name → float32 values of a `paddle.save`d state_dict."""
    try:
        state = load_paddle().load(str(path), return_numpy=True)
    except (OSError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise OracleError(
            f"Cannot read {path}: {' '.join(str(error).split())[:200]}; a .pdparams file is wanted."
        ) from error
    if not isinstance(state, dict):
        raise OracleError(f"Cannot read {path}: it holds a {type(state).__name__}; a dictionary of arrays is wanted.")
    return {name: np.asarray(value, np.float32) for name, value in state.items() if not name.endswith("@@")}


def calibrate_batch_norms(model, image, draws, seed):
    """Buffers of every batch norm, layer after layer: the statistics of this very input, moved a seeded little.

    Sets them in the model and returns name → float32 values. The variance is the biased one, as Paddle's running variance is.
    """
    paddle = load_paddle()
    buffers, hooks = {}, []
    for name, layer in model.named_sublayers():
        if isinstance(layer, paddle.nn.BatchNorm2D):
            hooks.append(layer.register_forward_pre_hook(_calibrator(name, seed, buffers)))
    try:
        with paddle.no_grad(), draws_from(model, recorded(draws)):
            model(paddle.to_tensor(image, dtype=next(iter(model.parameters())).dtype))
    finally:
        for hook in hooks:
            hook.remove()
    return buffers


def _calibrator(name, seed, buffers):
    def calibrate(layer, inputs):
        values = inputs[0].numpy().astype(np.float64)
        mean, variance = values.mean(axis=(0, 2, 3)), values.var(axis=(0, 2, 3))
        shift = (2 * seeded.uniform(seed, f"{name}._mean", mean.size) - 1) * MEAN_SHIFT
        low, high = VARIANCE_RATIO
        ratio = low + (high - low) * seeded.uniform(seed, f"{name}._variance", mean.size)
        buffers[f"{name}._mean"] = _coarse(mean + shift * np.sqrt(variance))
        buffers[f"{name}._variance"] = _coarse(variance * ratio)
        for buffer in ("_mean", "_variance"):
            tensor = getattr(layer, buffer)
            tensor.set_value(load_paddle().to_tensor(buffers[f"{name}.{buffer}"], dtype=tensor.dtype))

    return calibrate


def _coarse(values):
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.round(mantissa * 2**BUFFER_BITS) / 2**BUFFER_BITS, exponent).astype(np.float32)


def _refuse(subject, verb, names):
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        raise OracleError(
            f"Cannot load {subject}: it {verb} {', '.join(names[:3])}{more}; every name of the model's state_dict is wanted, and no other."
        )

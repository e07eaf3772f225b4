"""The weights of PaddleSeg's networks: listed, set strictly, read from a checkpoint; batch norms calibrated."""

import pickle

import numpy as np

from oracle.draws import recorded_draws
from oracle.errors import OracleError
from oracle.paddle_draws import draws_from
from oracle.paddle_model import load_paddle
from oracle.weights import check_weights, move_statistics


def list_parameters(model):
    """Every name and shape of state_dict(), in its order."""
    return {name: [int(side) for side in tensor.shape] for name, tensor in model.state_dict().items()}


def set_weights(model, weights, subject="the model"):
    """Sets every tensor of state_dict() to weights[name]; missing, unexpected and misshapen names are errors."""
    check_weights(list_parameters(model), weights, subject)
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

    Sets them in the model and returns name → float32 values. The variance is the biased one, as Paddle's running
    variance is.
    """
    paddle = load_paddle()
    buffers, hooks = {}, []
    for name, layer in model.named_sublayers():
        if isinstance(layer, paddle.nn.BatchNorm2D):
            hooks.append(layer.register_forward_pre_hook(_calibrator(name, seed, buffers)))
    try:
        with paddle.no_grad(), draws_from(model, recorded_draws(draws)):
            model(paddle.to_tensor(image, dtype=next(iter(model.parameters())).dtype))
    finally:
        for hook in hooks:
            hook.remove()
    return buffers


def _calibrator(name, seed, buffers):
    def calibrate(layer, inputs):
        values = inputs[0].numpy().astype(np.float64)
        mean, variance = values.mean(axis=(0, 2, 3)), values.var(axis=(0, 2, 3))
        moved = move_statistics(name, seed, mean, variance)
        buffers[f"{name}._mean"], buffers[f"{name}._variance"] = moved
        for buffer in ("_mean", "_variance"):
            tensor = getattr(layer, buffer)
            tensor.set_value(load_paddle().to_tensor(buffers[f"{name}.{buffer}"], dtype=tensor.dtype))

    return calibrate

"""What the reference draws at random while it trains, replaced by recorded numbers.

A DropPath's draw carries its sublayer's name: kept flags 0/1, [calls, B]. A Dropout2D's likewise: [1, B, C]. NMF's bases are as in oracle/draws.py.
The reference's own code runs: its uniform draws are chosen so that it comes to these flags.
"""

import math
from contextlib import contextmanager

import numpy as np

from oracle import seeded
from oracle.errors import OracleError
from oracle.reference import load_paddle

# Uniform numbers from which the reference makes the flags: 1 lies above every drop rate, 0 below.
KEPT, DROPPED = 1.0 - 2.0**-24, 0.0


@contextmanager
def training_draws(model, source):
    """While it lasts, the model draws from `source(name, call, shape, keep)`.

    For flags, `call` counts the calls of the sublayer `name` in this forward pass, `shape` is that of one call and `keep` the probability that a flag is 1.
    For bases, `call` and `keep` are None.
    """
    paddle = load_paddle()
    running, calls = [], {}
    dtype = next(iter(model.parameters())).dtype
    hooks = [hook for name, layer in model.named_sublayers() for hook in _follow(layer, name, running)]
    originals = {"rand": paddle.rand, "uniform": paddle.uniform}

    def rand(shape, _dtype=None, name=None):
        extents = [int(side) for side in shape]
        layer_name, layer = running[-1]
        if type(layer).__name__ != "DropPath":
            return paddle.to_tensor(source(f"{layer_name}.bases", None, extents, None), dtype=dtype)
        flags = source(layer_name, _count(calls, layer_name), extents[:1], 1.0 - layer.drop_prob)
        return paddle.to_tensor(_uniform(flags).reshape(extents), dtype=dtype)

    def uniform(shape, dtype=None, min=-1.0, max=1.0, seed=0, name=None):
        layer_name, layer = running[-1]
        if type(layer).__name__ != "Dropout2D":
            raise OracleError(
                f"Cannot train the model: {layer_name}, a {type(layer).__name__}, draws at random; golden bundles know DropPath, Dropout2D and NMF2D."
            )
        flags = source(layer_name, _count(calls, layer_name), [int(side) for side in shape[:2]], 1.0 - layer.p)
        return paddle.to_tensor(_uniform(flags).reshape(shape), dtype=dtype)

    paddle.rand, paddle.uniform = rand, uniform
    try:
        yield
    finally:
        paddle.rand, paddle.uniform = originals["rand"], originals["uniform"]
        for hook in hooks:
            hook.remove()


def seeded_flags_and_bases(seed, draws):
    """A source of seeded draws that notes each array in `draws`."""

    def source(name, call, shape, keep):
        count = math.prod(shape)
        if call is None:
            draws[name] = (
                seeded.uniform(seed, name, count).reshape(shape).astype(np.float32)
            )  # exact: multiples of 2^-24
            return draws[name]
        drawn = seeded.uniform(seed, name, (call + 1) * count)  # a later call draws on where the one before it ended
        draws[name] = (drawn < keep).astype(np.float32).reshape(call + 1, *shape)
        return draws[name][call]

    return source


def recorded_draws(draws):
    """A source that gives the arrays of `draws` and nothing else."""

    def source(name, call, shape, _keep):
        if name not in draws:
            raise OracleError(f"Cannot train the model: it draws {name}, and the bundle's draws hold {sorted(draws)}.")
        known = draws[name] if call is None else draws[name][call] if call < len(draws[name]) else None
        if known is None or list(known.shape) != shape:
            raise OracleError(
                f"Cannot train the model: call {call} of its draw {name} has the shape {shape}; the bundle holds {list(draws[name].shape)}."
            )
        return known

    return source


def reorder_draws(draws, order):
    """The draws of the same batch in another order. Bases [B*S, D, R] follow their image."""
    order, reordered = np.asarray(order), {}
    for name, values in draws.items():
        if name.endswith(".bases"):
            per_image = values.reshape(len(order), -1, *values.shape[1:])
            reordered[name] = per_image[order].reshape(values.shape)
        else:
            reordered[name] = values[:, order]
    return reordered


def _follow(layer, name, running):
    def leave(_layer, _inputs, _outputs):
        running.pop()

    yield layer.register_forward_pre_hook(lambda inner, _inputs: running.append((name, inner)))
    yield layer.register_forward_post_hook(leave)


def _count(calls, name):
    calls[name] = calls.get(name, -1) + 1
    return calls[name]


def _uniform(flags):
    return np.where(flags != 0, KEPT, DROPPED)

"""What the reference draws at random, replaced by recorded numbers.

NMF draws its bases on every forward pass, evaluation included: `paddle.rand([B*S, D, R])`, then L2-normalises them
over D. A draw `NAME.bases` is what `paddle.rand` gave inside the sublayer NAME, before it is normalised.
"""

import math
from contextlib import contextmanager

import numpy as np

from oracle import seeded
from oracle.errors import OracleError
from oracle.reference import load_paddle


@contextmanager
def draws_from(model, source):
    """While it lasts, `paddle.rand` gives `source(name, shape)`, a NumPy array, in the dtype of the model's parameters."""
    paddle = load_paddle()
    original, running = paddle.rand, []
    dtype = next(iter(model.parameters())).dtype
    hooks = [hook for name, layer in model.named_sublayers() for hook in _follow(layer, name, running)]

    def rand(shape, _dtype=None, name=None):
        draw_name = f"{running[-1] if running else 'model'}.bases"
        return paddle.to_tensor(source(draw_name, [int(side) for side in shape]), dtype=dtype)

    paddle.rand = rand
    try:
        yield
    finally:
        paddle.rand = original
        for hook in hooks:
            hook.remove()


def recorded(draws):
    """A source that gives the arrays of `draws` and nothing else."""

    def source(name, shape):
        if name not in draws:
            raise OracleError(f"Cannot run the model: it draws {name}, and the bundle's draws hold {sorted(draws)}.")
        if list(draws[name].shape) != shape:
            raise OracleError(
                f"Cannot run the model: its draw {name} has the shape {shape}; the bundle holds {list(draws[name].shape)}."
            )
        return draws[name]

    return source


def seeded_and_noted(seed, draws):
    """A source of seeded uniform numbers that notes each array in `draws`."""

    def source(name, shape):
        values = seeded.uniform(seed, name, math.prod(shape)).reshape(shape)
        draws[name] = values.astype(np.float32)  # exact: multiples of 2^-24
        return draws[name]

    return source


def _follow(layer, name, running):
    def leave(_layer, _inputs, _outputs):
        running.pop()

    yield layer.register_forward_pre_hook(lambda _layer, _inputs: running.append(name))
    yield layer.register_forward_post_hook(leave)

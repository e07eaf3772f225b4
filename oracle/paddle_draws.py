"""What PaddleSeg's networks draw at random, replaced by numbers that are given (oracle/draws.py says which).

The reference's own code runs: its uniform draws are chosen so that it comes to the flags that are given. NMF draws its
bases by `paddle.rand([B*S, D, R])` on every forward pass, evaluation included, and L2-normalises them over D. VQ and CD
(oracle/paddle_hamburger.py) draw theirs by `paddle.randn`.
"""

from contextlib import contextmanager

import numpy as np

from oracle.draws import NORMAL
from oracle.errors import OracleError
from oracle.paddle_model import load_paddle

# Uniform numbers from which the reference makes the flags: 1 lies above every drop rate, 0 below.
KEPT, DROPPED = 1.0 - 2.0**-24, 0.0


@contextmanager
def draws_from(model, source):
    """While it lasts, the model draws from `source`, in the dtype of its parameters."""
    paddle = load_paddle()
    running, calls = [], {}
    dtype = next(iter(model.parameters())).dtype
    hooks = [hook for name, layer in model.named_sublayers() for hook in _follow(layer, name, running)]
    originals = {name: getattr(paddle, name) for name in ("rand", "randn", "uniform")}

    def rand(shape, dtype=dtype, name=None):
        extents = [int(side) for side in shape]
        layer_name, layer = running[-1] if running else ("model", model)
        if type(layer).__name__ != "DropPath":
            return paddle.to_tensor(source(f"{layer_name}.bases", None, extents, None), dtype=dtype)
        flags = source(layer_name, _count(calls, layer_name), extents[:1], 1.0 - float(layer.drop_prob))
        return paddle.to_tensor(_uniform(flags).reshape(extents), dtype=dtype)

    def randn(shape, dtype=dtype, name=None):
        values = source(f"{running[-1][0]}.bases", None, [int(side) for side in shape], NORMAL)
        return paddle.to_tensor(values, dtype=dtype)

    def uniform(shape, dtype=None, min=-1.0, max=1.0, seed=0, name=None):
        layer_name, layer = running[-1] if running else ("model", model)
        if type(layer).__name__ != "Dropout2D":
            raise OracleError(
                f"Cannot run the model: {layer_name}, a {type(layer).__name__}, draws at random; "
                "golden bundles know DropPath, Dropout2D, NMF2D, VQ2D and CD2D."
            )
        flags = source(layer_name, _count(calls, layer_name), [int(side) for side in shape[:2]], 1.0 - layer.p)
        return paddle.to_tensor(_uniform(flags).reshape(shape), dtype=dtype)

    paddle.rand, paddle.randn, paddle.uniform = rand, randn, uniform
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(paddle, name, original)
        for hook in hooks:
            hook.remove()


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

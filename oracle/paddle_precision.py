"""Runs that are float64 from end to end.

Paddle counts its kernels by dtype (FLAGS_low_precision_op_list), those of C++ and of the backward pass included. A
kernel of float32 in a float64 run rounds to 24 bits what the golden gives as exact.
"""

from contextlib import contextmanager

from oracle.errors import OracleError
from oracle.paddle_model import load_paddle
from oracle.paddle_resize import exact_resize, is_resize

FLAG = "FLAGS_low_precision_op_list"

# Kernels that may run in float32: they compute sizes and flags, and no values of the network. Such a value would need a
# cast from float32 to go on, and that is refused.
HARMLESS = {
    "fill_constant": "the rate that Dropout2D compares with its float32 draws",
    "greater_equal": "that comparison; it gives the flags that the draws were chosen for",
    "scale": "LPSNet's sizes int(r * h), float32 in the reference as well",
}


@contextmanager
def exact_run():
    """A float64 run: it resizes exactly, and a kernel of float32 or Paddle's own resizing kernel is an OracleError.

    Not to be nested: the count is Paddle's, and there is one.
    """
    with counted_kernels() as count, exact_resize():
        yield
        _validate(count())


@contextmanager
def counted_kernels():
    """Gives a function: kernel → how often it ran so far in float16, bfloat16, float32 and any other type."""
    paddle = load_paddle()
    from paddle.base import core

    before = paddle.get_flags(FLAG)
    paddle.set_flags({FLAG: 1})
    core.clear_low_precision_op_list()
    try:
        yield lambda: {
            name: [int(count) for count in counts.split(",")]
            for name, counts in core.get_low_precision_op_list().items()
        }
    finally:
        paddle.set_flags(before)
        core.clear_low_precision_op_list()


def _validate(calls):
    """`calls`: what counted_kernels counts."""
    resized = [name for name in calls if is_resize(name)]
    if resized:
        raise OracleError(
            f"Cannot make an exact golden: the model reaches Paddle's own {resized[0]}, which has float32 coordinates; "
            "a path that calls paddle._C_ops.bilinear_interp is wanted."
        )
    low = (name for name, counts in calls.items() if any(counts[:3]))
    rounded = [name for name in low if name not in HARMLESS]
    if rounded:
        raise OracleError(
            f"Cannot make an exact golden: {', '.join(sorted(rounded))} of the model ran in 32 bits or fewer in a "
            "float64 run; float64 throughout is wanted."
        )

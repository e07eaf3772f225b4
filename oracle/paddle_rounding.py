"""Runs of a network as if its operators were those of a format of fewer bits. Paddle has few of these on a CPU.

fp16 and bf16: each operator's inputs and output are rounded, and so are its gradients in the backward pass. tf32: only
what convolutions and matrix products read. Kernels compute in float32, so sums are float32's. Not rounded are the
statistics that a batch norm updates, and tensors without axes, which are sizes.
"""

from contextlib import contextmanager

import numpy as np

from oracle.errors import OracleError
from oracle.paddle_model import load_paddle
from oracle.paddle_precision import counted_kernels
from oracle.rounding import PrecisionOverflow, round_to, stores

PRODUCTS = {"conv2d", "depthwise_conv2d", "conv2d_transpose", "matmul", "bmm", "linear", "__matmul__"}
FACTORS = 2  # a product's first arguments; a bias may follow
ARITHMETIC = "add radd sub rsub mul rmul div rdiv truediv rtruediv pow rpow matmul".split()
# Kernels that compute nothing, by their names in Python and in Paddle's count.
MOVES = set(
    "assign cast concat expand expand_v2 eye fill_constant flatten flatten_contiguous_range full full_like reshape "
    "reshape2 shape shape64 slice split squeeze squeeze2 stack strided_slice tile transpose transpose2 unsqueeze "
    "unsqueeze2".split()
)


@contextmanager
def rounded_operators(precision):
    """While it lasts, operators are those of the format, in a forward pass and in the backward pass through it.

    Gives a function, to be called after each pass: it raises its argument, a PrecisionOverflow, if a value was too
    large. An operator that is reached in another way is an OracleError. Not to be nested.
    """
    paddle = load_paddle()
    rounding, kernels = _Rounding(paddle, precision), paddle._C_ops
    places = [(kernels, name) for name in dir(kernels) if name[0] != "_" and callable(getattr(kernels, name))]
    places += [(paddle.Tensor, f"__{name}__") for name in ARITHMETIC]
    originals = [(owner, name, getattr(owner, name)) for owner, name in places]
    try:
        with counted_kernels() as count:
            for owner, name, original in originals:
                setattr(owner, name, rounding.operator(name, original))
            yield rounding.validate
            ran = sum(by_dtype[2] for name, by_dtype in count().items() if name not in MOVES)
        if ran != rounding.calls:
            raise OracleError(
                f"Cannot compute in {precision}: the model ran {ran} kernels in float32, and {rounding.calls} were "
                "seen; operators that are called by paddle._C_ops or by a tensor's arithmetic are wanted."
            )
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


class _Rounding:
    """Makes operators those of a format. `calls`: how many computed in float32."""

    def __init__(self, paddle, precision):
        self.paddle, self.precision, self.calls, self.overflow = paddle, precision, 0, None
        self.whole = stores(precision)

        class Edge(paddle.autograd.PyLayer):
            """Values rounded on their way forward, gradients on their way back, each where it is asked for."""

            @staticmethod
            def forward(context, x, name, forward, backward):
                context.of, context.rounds = name, backward
                return self.rounded(x, name) if forward else x.clone()

            @staticmethod
            def backward(context, gradient):
                return self.rounded(gradient, f"a gradient of {context.of}") if context.rounds else gradient

        self.edge = Edge

    def operator(self, name, original):
        if name in MOVES:
            return original
        rounds = self.whole or name in PRODUCTS

        def run(*arguments, **options):
            if rounds:
                arguments = self.inputs(name, arguments)
            result = original(*arguments, **options)
            self.calls += self.count(name, arguments, result)
            return self.output(name, result) if rounds else result

        return run

    def count(self, name, arguments, result):
        if name == "linear":  # a product, and the sum with a bias
            return len(arguments) - arguments.count(None) - 1
        return any(map(self.is_float, _flat([*arguments, result])))

    def inputs(self, name, arguments):
        # A batch norm in training writes its statistics [1] and [2] where it reads them.
        kept = (1, 2) if name == "batch_norm" and not arguments[5] else ()
        last = len(arguments) if self.whole else FACTORS
        return [
            self.passed(part, name, True, self.whole) if at < last and at not in kept else part
            for at, part in enumerate(arguments)
        ]

    def output(self, name, result):
        if name == "batch_norm":  # what follows are statistics
            return (self.passed(result[0], name, self.whole, True), *result[1:])
        return self.passed(result, name, self.whole, True)

    def passed(self, part, name, forward, backward):
        if isinstance(part, (list, tuple)):
            return type(part)(self.passed(inner, name, forward, backward) for inner in part)
        if not self.is_float(part) or part.ndim == 0:
            return part
        if part.stop_gradient or not self.paddle.is_grad_enabled():
            return self.rounded(part, name) if forward else part
        return self.edge.apply(part, name, forward, backward)

    def rounded(self, tensor, name):
        values = tensor.numpy()
        rounded = round_to(values, self.precision)
        if self.overflow is None and np.any(np.isinf(rounded) & np.isfinite(values)):
            self.overflow = f"{name} has the value {np.max(np.abs(values)):.6g}"
        return self.paddle.to_tensor(rounded, stop_gradient=tensor.stop_gradient)

    def validate(self, kind=PrecisionOverflow):
        """What is raised in a backward pass, Paddle makes an exception of its own."""
        if self.overflow is not None:
            raise kind(
                f"Cannot compute in {self.precision}: {self.overflow}, which is beyond the format's largest number."
            )

    def is_float(self, part):
        return isinstance(part, self.paddle.Tensor) and part.dtype == self.paddle.float32


def _flat(parts):
    for part in parts:
        if isinstance(part, (list, tuple)):
            yield from _flat(part)
        else:
            yield part

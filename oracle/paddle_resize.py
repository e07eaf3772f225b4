"""Bilinear resizing with exact coordinates.

Paddle's kernel computes its coordinates in float32 even for float64 tensors (errors to 6e-6): float64 runs use this
instead. Float32 runs keep Paddle's kernel, because its error is part of the reference's own noise.

The kernel is replaced where it is called, so that no way around `paddle.nn.functional.interpolate` escapes: LPSNet
binds that function when it is imported, U2Net calls `upsample`.
"""

from contextlib import contextmanager

import numpy as np

from oracle.errors import OracleError
from oracle.paddle_model import load_paddle


def resize_matrix(source_size, target_size, align_corners):
    """Float64 [target, source]: row t holds the two weights that sample t gives to the source samples.

    Source: paddle/phi/kernels/cpu/interpolate_kernel.cc, bilinear, align_mode 0.
    """
    position = _source_positions(source_size, target_size, align_corners)
    below = np.minimum(np.floor(position).astype(np.int64), source_size - 1)
    above = np.minimum(below + 1, source_size - 1)
    fraction = position - below
    matrix = np.zeros((target_size, source_size))
    rows = np.arange(target_size)
    np.add.at(matrix, (rows, below), 1.0 - fraction)
    np.add.at(matrix, (rows, above), fraction)
    return matrix


@contextmanager
def exact_resize():
    """While it lasts, Paddle's bilinear kernel is exact, and its other kernels that resize are an OracleError."""
    kernels = load_paddle()._C_ops
    originals = {name: getattr(kernels, name) for name in dir(kernels) if is_resize(name)}
    for name in originals:
        setattr(kernels, name, _bilinear if name == "bilinear_interp" else _refusal(name))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(kernels, name, original)


def is_resize(kernel):
    """Whether a kernel of this name resizes, forward or backward."""
    return "interp" in kernel


def _source_positions(source_size, target_size, align_corners):
    target = np.arange(target_size, dtype=np.float64)
    if align_corners:
        return target * (source_size - 1) / (target_size - 1) if target_size > 1 else np.zeros(1)
    return np.maximum((2 * target + 1) * source_size / (2 * target_size) - 0.5, 0.0)


def _bilinear(
    x, out_size, size_tensor, scale_tensor, layout, _depth, height, width, scale, _method, align_corners, align_mode
):
    given_otherwise = any(part is not None for part in (out_size, size_tensor, scale_tensor)) or len(scale) > 0
    if given_otherwise or layout != "NCHW" or not (align_corners or align_mode == 0):
        raise OracleError(
            "Cannot resize exactly: the size, the layout or align_mode is given in another way; NCHW, a size and "
            "align_mode 0 are wanted."
        )
    rows = _tensor_like(resize_matrix(x.shape[2], height, align_corners), x)
    columns = _tensor_like(resize_matrix(x.shape[3], width, align_corners), x)
    paddle = load_paddle()
    return paddle.matmul(paddle.matmul(rows, x), columns, transpose_y=True)  # [n, c, height, width]


def _refusal(name):
    def refuse(*_arguments):
        raise OracleError(f"Cannot resize exactly with Paddle's kernel {name}: only bilinear_interp is known.")

    return refuse


def _tensor_like(values, tensor):
    return load_paddle().to_tensor(values, dtype=tensor.dtype)

"""Bilinear resizing with exact coordinates.

Paddle's kernel computes its coordinates in float32 even for float64 tensors (errors to 6e-6): float64 runs use this
instead. Float32 runs keep Paddle's kernel, because its error is part of the reference's own noise.
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
    """While it lasts, `paddle.nn.functional.interpolate` resizes exactly."""
    functional = load_paddle().nn.functional
    original = functional.interpolate
    functional.interpolate = _interpolate
    try:
        yield
    finally:
        functional.interpolate = original


def _source_positions(source_size, target_size, align_corners):
    target = np.arange(target_size, dtype=np.float64)
    if align_corners:
        return target * (source_size - 1) / (target_size - 1) if target_size > 1 else np.zeros(1)
    return np.maximum((2 * target + 1) * source_size / (2 * target_size) - 0.5, 0.0)


def _interpolate(
    x,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=False,
    align_mode=0,
    data_format="NCHW",
    recompute_scale_factor=None,
    name=None,
):
    if mode != "bilinear" or align_mode != 0 or data_format != "NCHW" or size is None or scale_factor is not None:
        raise OracleError(f"Cannot resize exactly with mode {mode}: only NCHW bilinear to a given size is known.")
    height, width = (int(side) for side in size)
    rows = _tensor_like(resize_matrix(x.shape[2], height, align_corners), x)
    columns = _tensor_like(resize_matrix(x.shape[3], width, align_corners), x)
    paddle = load_paddle()
    return paddle.matmul(paddle.matmul(rows, x), columns, transpose_y=True)  # [n, c, height, width]


def _tensor_like(values, tensor):
    return load_paddle().to_tensor(values, dtype=tensor.dtype)

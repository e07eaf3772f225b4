"""Float32 values in formats of fewer bits: to the nearest, ties to even, subnormal numbers as well. NumPy alone."""

import numpy as np

from oracle.errors import OracleError

# Bits behind the leading one. bf16 and tf32 have float32's exponents.
PRECISIONS = {"fp16": 10, "bf16": 7, "tf32": 10}
FLOAT32_BITS = 23


def round_to(values, precision):
    """Float32 of the same shape. What is beyond the format's largest number becomes infinite; NaN stays."""
    values = np.asarray(values, np.float32)
    if precision == "fp16":
        with np.errstate(over="ignore"):
            return values.astype(np.float16).astype(np.float32)
    dropped = FLOAT32_BITS - PRECISIONS[precision]
    bits = values.view(np.uint32).astype(np.uint64)
    odd = (bits >> dropped) & 1
    rounded = (bits + (1 << (dropped - 1)) - 1 + odd) >> dropped << dropped
    return np.where(np.isfinite(values), rounded.astype(np.uint32).view(np.float32), values)


def stores(precision):
    """Whether tensors are of the format. Else only what products read is."""
    return precision != "tf32"


class PrecisionOverflow(OracleError):
    """A value of a forward pass is beyond a format's largest number."""


class GradientOverflow(PrecisionOverflow):
    """One of a backward pass is; a smaller loss scale may help."""

"""How far two runs of the reference lie apart: the unit in which ports are judged."""

import numpy as np

from oracle.errors import OracleError

SIGNIFICANT_DIGITS = 6


def measure_noise(name, actual, golden):
    """rms(e)/rms(golden) and max|e|/rms(golden) of e = actual − golden, over the whole tensor, in float64."""
    error = actual.astype(np.float64) - golden.astype(np.float64)
    scale = rms(golden)
    if not (np.isfinite(scale) and np.all(np.isfinite(error))):
        raise OracleError(f"Cannot measure the noise of {name}: it holds NaN or infinity.")
    if scale == 0.0:
        if np.any(error):
            raise OracleError(
                f"Cannot measure the noise of {name}: its golden is all zero, and the float32 run is not."
            )
        return {"rel_rms": 0.0, "max_over_rms": 0.0}
    return {
        "rel_rms": _rounded(rms(error) / scale),
        "max_over_rms": _rounded(float(np.max(np.abs(error))) / scale),
    }


def rms(values):
    """Root mean square of all elements, in float64."""
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def _rounded(figure):
    return float(f"{figure:.{SIGNIFICANT_DIGITS}g}")

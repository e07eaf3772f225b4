"""Where the gradient jumps: a rectifier's input at 0, and the pixel at which a loss stops to keep others.

A float32 run in which such a value falls on the other side has another gradient. That is nobody's fault, and perhaps no
order of the batch shows it. So the steps are run once more in float64 with every value on
its other side that an honest port may see there.
"""

import numpy as np

# The contract allows a port this many times the reference's own error: a value that stands nearer to its switch may be
# on the other side in an honest port.
NEAR = 4.0


def measure_switch_noise(actual, exact, order):
    """Of each call the rms error of a float32 run with its batch in another order: of each channel [1, c, 1, …] of a
    map, else of all elements.
    """
    back = np.argsort(order)
    noises = []
    for run, golden in zip(actual, exact, strict=True):
        error = run.reshape(len(order), -1)[back].reshape(golden.shape) - golden
        axes = tuple(axis for axis in range(error.ndim) if axis != 1) if error.ndim > 2 else None
        noises.append(np.sqrt(np.mean(np.square(error, dtype=np.float64), axis=axes, keepdims=True)))
    return noises


def near_switches(exact, noises):
    """Of each call which values an honest port may see on the other side: those within NEAR times the largest error of
    all runs. A value that is the same in every run is on one side.
    """
    near = []
    for index, golden in enumerate(exact):
        noise = np.broadcast_to(np.max([run[index] for run in noises], axis=0), golden.shape)
        near.append((np.abs(golden) <= NEAR * noise) & (noise > 0))
    return near

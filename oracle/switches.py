"""Where the gradient of the reference jumps: a rectifier's input at 0, and the pixel at which a loss stops to keep others.

A float32 run in which such a value falls on the other side has another gradient. That is not a fault of whoever computes it, and no batch order need bring it to light.
So the steps are run once more in float64 with every value on its other side that an honest port may see there.
"""

from contextlib import contextmanager

import numpy as np

from oracle.reference import load_paddle

# What the contract allows a port: a value that stands nearer to its switch than this many times the reference's own error may be on the other side in an honest one.
NEAR = 4.0

_watchers = []
_flips = []


@contextmanager
def watched_switches():
    """Gives a list that, while it lasts, takes every input of `paddle.nn.functional.relu` and all that `note_switch` is given: arrays whose first axis is the batch's."""
    noted = []
    _watchers.append(noted)
    try:
        with _observed_relu():
            yield noted
    finally:
        _watchers.remove(noted)


@contextmanager
def flipped_switches(near):
    """While it lasts, values of the n-th call that `near[n]` marks are taken to stand on the other side of their switch."""
    left = iter(near)
    _flips.append(left)
    try:
        with _observed_relu():
            yield
    finally:
        _flips.remove(left)


@contextmanager
def _observed_relu():
    functional = load_paddle().nn.functional
    original = functional.relu

    def relu(x, name=None):
        positive = x > 0
        passing = note_switch(x, positive)
        return original(x, name) if passing is positive else x * passing.astype(x.dtype)

    functional.relu = relu
    try:
        yield
    finally:
        functional.relu = original


def note_switch(distances, side):
    """Notes a tensor of signed distances from a switch. Gives `side` (bool, of its shape): the very same, or another tensor where values are flipped."""
    for noted in _watchers:
        noted.append(distances.numpy())
    for left in _flips:
        near = next(left)
        if near.any():
            side = load_paddle().logical_xor(side, load_paddle().to_tensor(near))
    return side


def note_choice(values, below):
    """Notes how far values [n] stand from the middle between the largest of those that are chosen as `below` and the least of the others; 1 where it is all or none. Gives `below` as note_switch does."""
    paddle = load_paddle()
    parted = bool(below.any()) and not bool(below.all())
    distances = values - (values[below].max() + values[~below].min()) / 2 if parted else paddle.ones_like(values)
    return note_switch(distances.detach(), below)


def measure_switch_noise(actual, exact, order):
    """Of each call the rms error of a float32 run with its batch in another order: of each channel [1, c, 1, …] of a map, else of all elements."""
    back = np.argsort(order)
    noises = []
    for run, golden in zip(actual, exact, strict=True):
        error = run.reshape(len(order), -1)[back].reshape(golden.shape) - golden
        axes = tuple(axis for axis in range(error.ndim) if axis != 1) if error.ndim > 2 else None
        noises.append(np.sqrt(np.mean(np.square(error, dtype=np.float64), axis=axes, keepdims=True)))
    return noises


def near_switches(exact, noises):
    """Of each call which values an honest port may see on the other side: those within NEAR times the largest error of all runs. A value that is the same in every run is on one side."""
    near = []
    for index, golden in enumerate(exact):
        noise = np.broadcast_to(np.max([run[index] for run in noises], axis=0), golden.shape)
        near.append((np.abs(golden) <= NEAR * noise) & (noise > 0))
    return near

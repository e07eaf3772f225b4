"""Where the gradient of the reference jumps: a rectifier's input at 0, and the pixel at which a loss stops to keep others.

A float32 run in which such a value falls on the other side has another gradient. That is no fault of whoever computes it, and no batch order need bring it to light.
"""

from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from oracle.reference import load_paddle

# What the contract allows a port: a value that stands nearer to its switch than this many times the reference's own error may be on the other side in an honest one.
NEAREST_LIMIT = 4.0

_watchers = []


@dataclass
class Switch:
    """A call in which a value stands near to its switch."""

    place: str
    multiple: float  # of the error of the float32 runs


@contextmanager
def watched_switches():
    """Gives a list that, while it lasts, takes every input of `paddle.nn.functional.relu` and all that `note_switch` is given: arrays whose first axis is the batch's."""
    functional, noted = load_paddle().nn.functional, []
    original = functional.relu

    def relu(x, name=None):
        note_switch(x)
        return original(x, name)

    functional.relu = relu
    _watchers.append(noted)
    try:
        yield noted
    finally:
        _watchers.remove(noted)
        functional.relu = original


def note_switch(distances):
    """Notes a tensor of signed distances from a switch."""
    for noted in _watchers:
        noted.append(distances.numpy())


def note_choice(values, below):
    """Notes how far values [n] stand from the middle between the largest of those that are chosen as `below` and the least of the others; 1 where it is all or none."""
    values, below = values.numpy(), below.numpy()
    parted = below.any() and not below.all()
    distances = values - (values[below].max() + values[~below].min()) / 2 if parted else np.ones_like(values)
    for noted in _watchers:
        noted.append(distances)


def measure_switch_noise(actual, exact, order):
    """Of each call the rms error of a float32 run with its batch in another order: of each channel [1, c, 1, …] of a map, else of all elements."""
    back = np.argsort(order)
    noises = []
    for run, golden in zip(actual, exact, strict=True):
        error = run.reshape(len(order), -1)[back].reshape(golden.shape) - golden
        axes = tuple(axis for axis in range(error.ndim) if axis != 1) if error.ndim > 2 else None
        noises.append(np.sqrt(np.mean(np.square(error, dtype=np.float64), axis=axes, keepdims=True)))
    return noises


def nearest_switch(exact, noises, steps, limit=NEAREST_LIMIT):
    """The first call with a value within `limit` times the largest error of all runs of its switch; where there is none, the call that comes nearest."""
    found = [Switch("none", np.inf)]
    for index, golden in enumerate(exact):
        noise = np.broadcast_to(np.max([run[index] for run in noises], axis=0), golden.shape)
        counted = noise > 0  # a value that is the same in every run is on one side
        multiple = float(np.min(np.abs(golden[counted]) / noise[counted], initial=np.inf))
        step, call = divmod(index, len(exact) // steps)
        found.append(Switch(f"switch {call} of step {step}", multiple))
        if not multiple > limit:
            return found[-1]
    return min(found, key=lambda switch: switch.multiple)

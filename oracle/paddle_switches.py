"""Switches of PaddleSeg's networks and losses (oracle/switches.py says what they are), watched and flipped."""

from contextlib import contextmanager

from oracle.paddle_model import load_paddle

_watchers = []
_flips = []


@contextmanager
def watched_switches():
    """Gives a list that, while it lasts, takes every input of `paddle.nn.functional.relu` and all that `note_switch` is
    given: arrays whose first axis is the batch's.
    """
    noted = []
    _watchers.append(noted)
    try:
        with _observed_relu():
            yield noted
    finally:
        _watchers.remove(noted)


@contextmanager
def flipped_switches(near):
    """While it lasts, values of the n-th call that `near[n]` marks stand on the other side of their switch."""
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
    """Notes a tensor of signed distances from a switch. Gives `side` (bool, of its shape): the very same, or another
    tensor where values are flipped.
    """
    for noted in _watchers:
        noted.append(distances.numpy())
    for left in _flips:
        near = next(left)
        if near.any():
            side = load_paddle().logical_xor(side, load_paddle().to_tensor(near))
    return side


def note_choice(values, below):
    """Notes how far values [n] stand from the middle between the largest of those that are chosen as `below` and the
    least of the others; 1 where it is all or none. Gives `below` as note_switch does.
    """
    paddle = load_paddle()
    parted = bool(below.any()) and not bool(below.all())
    distances = values - (values[below].max() + values[~below].min()) / 2 if parted else paddle.ones_like(values)
    return note_switch(distances.detach(), below)

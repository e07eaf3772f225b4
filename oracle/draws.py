"""Sources of what a reference draws at random: recorded numbers, or seeded ones that are noted.

A source is called as `source(name, call, shape, keep)` and gives float32 of that shape. For flags of a drop path or a
dropout, `call` counts the calls of the sublayer `name` in this forward pass, `shape` is that of one call and `keep` the
probability that a flag is 1. For a draw `NAME.bases`, what the sublayer NAME draws before it normalises it, `call` is
None; `keep` is None for numbers from [0, 1), and NORMAL for standard normal ones.

A drop path's draw carries its sublayer's name: kept flags 0/1, [calls, B]. A Dropout2D's likewise: [1, B, C].
"""

import math

import numpy as np

from oracle import seeded
from oracle.errors import OracleError

NORMAL = "normal"


def seeded_draws(seed, draws):
    """A source of seeded draws that notes each array in `draws`."""

    def source(name, call, shape, keep):
        count = math.prod(shape)
        if call is None:
            numbers = seeded.normal if keep is NORMAL else seeded.uniform  # uniform ones are exact: multiples of 2^-24
            draws[name] = numbers(seed, name, count).reshape(shape).astype(np.float32)
            return draws[name]
        drawn = seeded.uniform(seed, name, (call + 1) * count)  # a later call draws on where the one before it ended
        draws[name] = (drawn < keep).astype(np.float32).reshape(call + 1, *shape)
        return draws[name][call]

    return source


def recorded_draws(draws):
    """A source that gives the arrays of `draws` and nothing else."""

    def source(name, call, shape, _keep):
        if name not in draws:
            raise OracleError(f"Cannot run the model: it draws {name}, and the bundle's draws hold {sorted(draws)}.")
        known = draws[name] if call is None else draws[name][call] if call < len(draws[name]) else None
        if known is None or list(known.shape) != shape:
            which = name if call is None else f"{name}, in call {call},"
            held = list(draws[name].shape)
            raise OracleError(f"Cannot run the model: its draw {which} has the shape {shape}; the bundle holds {held}.")
        return known

    return source


def bases_problems(field, values, section):
    """What is wrong with drawn bases of the network of a `model:` section: VQ and CD draw normal numbers, NMF uniform
    ones.
    """
    if values.dtype != np.float32:
        return [f"{field} is {values.dtype}; float32 is wanted."]
    options = (section.get("decoder_cfg") or {}).get("ham_kwargs") or {}
    if options.get("HAM_TYPE", "NMF") == "NMF":
        return [] if np.all((values >= 0) & (values < 1)) else [f"{field} is not drawn from [0, 1)."]
    normal = np.all(np.abs(values) < 10) and np.any(values < 0)
    return [] if normal else [f"{field} has not the standard normal numbers of HAM_TYPE {options['HAM_TYPE']}."]


def reorder_draws(draws, order):
    """The draws of the same batch in another order. Bases [B*S, D, R] follow their image."""
    order, reordered = np.asarray(order), {}
    for name, values in draws.items():
        if name.endswith(".bases"):
            per_image = values.reshape(len(order), -1, *values.shape[1:])
            reordered[name] = per_image[order].reshape(values.shape)
        else:
            reordered[name] = values[:, order]
    return reordered

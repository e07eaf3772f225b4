"""Seeded numbers, scheme `uniform/1`: so that the weights of a bundle need not be stored.

Integer arithmetic is modulo 2^32 throughout; a number depends on the seed, a name and an index, and on nothing else.
"""

import math

import numpy as np

SCHEME = "uniform/1"

FNV_OFFSET = 0x811C9DC5
FNV_PRIME = 0x01000193
INDEX_STRIDE = 0x9E3779B9
MIX_FIRST = 0x7FEB352D
MIX_SECOND = 0x846CA68B


def fnv1a(name):
    """32-bit FNV-1a hash of the name's UTF-8 bytes."""
    state = FNV_OFFSET
    for byte in name.encode("utf-8"):
        state = ((state ^ byte) * FNV_PRIME) % 2**32
    return state


def uniform(seed, name, count):
    """`count` float64 numbers in [0, 1), each a multiple of 2^-24."""
    index = np.arange(count, dtype=np.uint64).astype(np.uint32)  # i mod 2^32
    keyed = _mix(index * np.uint32(INDEX_STRIDE) + np.uint32(fnv1a(name)))
    bits = _mix(keyed ^ np.uint32(seed % 2**32))
    return (bits >> np.uint32(8)) * 2.0**-24


def normal(seed, name, count):
    """`count` float64 standard normal numbers, of two uniform ones each (Box and Muller, 1958); 5.8 at most."""
    radius, angle = uniform(seed, name, 2 * count).reshape(count, 2).T
    return np.sqrt(-2.0 * np.log(1.0 - radius)) * np.cos(2.0 * np.pi * angle)


def parameter(seed, name, shape):
    """A parameter's float32 values, or None for a buffer, which is never seeded."""
    limits = parameter_range(name, shape)
    if limits is None:
        return None
    low, high = limits
    values = low + (high - low) * uniform(seed, name, math.prod(shape))
    return values.astype(np.float32).reshape(shape)


def parameter_range(name, shape):
    """(lo, hi) of a parameter; chosen so that activations stay near 1 and no layer hides behind a small scale."""
    leaf = name.rpartition(".")[2]
    if leaf in ("_mean", "_variance", "bases"):
        return None
    if len(shape) == 4:  # convolution [o, i, kh, kw]
        bound = math.sqrt(3.0 / math.prod(shape[1:]))
        return -bound, bound
    if len(shape) == 2:  # linear [i, o]
        bound = math.sqrt(3.0 / shape[0])
        return -bound, bound
    if "layer_scale" in name:
        return 0.25, 0.75
    if leaf == "weight":
        return 0.5, 1.5
    return -0.25, 0.25


def sample_positions(seed, name, count, size):
    """Flat NCHW positions of a sampled probe's stored elements, for a tensor of `size` elements; repeats are fine."""
    return np.floor(uniform(seed, name, count) * size).astype(np.int64)


def _mix(state):
    state = state ^ (state >> np.uint32(16))
    state = state * np.uint32(MIX_FIRST)
    state = state ^ (state >> np.uint32(15))
    state = state * np.uint32(MIX_SECOND)
    return state ^ (state >> np.uint32(16))

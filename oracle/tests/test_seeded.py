"""Vectors computed by hand from the contract's formulas, and the ranges of its table."""

import math
import unittest

import numpy as np

from oracle import seeded


def mix_by_hand(state):
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        state = (state ^ (state >> shift)) * factor % 2**32
    return state ^ (state >> 16)


def uniform_by_hand(seed, name, index):
    keyed = mix_by_hand((index * 0x9E3779B9 + seeded.fnv1a(name)) % 2**32)
    return (mix_by_hand(keyed ^ seed) >> 8) / 2**24


class Seeded(unittest.TestCase):
    def test_fnv1a_gives_the_published_vectors(self):
        self.assertEqual(seeded.fnv1a(""), 0x811C9DC5)
        self.assertEqual(seeded.fnv1a("a"), 0xE40C292C)
        self.assertEqual(seeded.fnv1a("foobar"), 0xBF9CF968)

    def test_fnv1a_hashes_utf8_bytes(self):
        self.assertNotEqual(seeded.fnv1a("é"), seeded.fnv1a("e"))

    def test_uniform_is_the_contracts_formula_in_whole_numbers(self):
        for seed, name in ((3, "logits"), (0, "x"), (2**32 - 1, "backbone.norm1")):
            expected = [uniform_by_hand(seed, name, index) for index in range(1000)]
            self.assertEqual(seeded.uniform(seed, name, 1000).tolist(), expected)

    def test_uniform_does_not_depend_on_the_count(self):
        self.assertEqual(seeded.uniform(7, "x", 3).tolist(), seeded.uniform(7, "x", 30)[:3].tolist())

    def test_parameter_ranges_are_those_of_the_table(self):
        table = {
            ("a.weight", (8, 3, 5, 5)): math.sqrt(3 / 75),
            ("a.weight", (12, 4)): math.sqrt(3 / 12),
        }
        for (name, shape), bound in table.items():
            self.assertEqual(seeded.parameter_range(name, shape), (-bound, bound))
        self.assertEqual(seeded.parameter_range("b.layer_scale_1", (4, 1, 1)), (0.25, 0.75))
        self.assertEqual(seeded.parameter_range("norm.weight", (4,)), (0.5, 1.5))
        self.assertEqual(seeded.parameter_range("norm.bias", (4,)), (-0.25, 0.25))

    def test_buffers_are_never_seeded(self):
        for leaf in ("_mean", "_variance", "bases"):
            self.assertIsNone(seeded.parameter(3, f"norm.{leaf}", (4,)))

    def test_a_parameter_is_rounded_once(self):
        values = seeded.parameter(3, "norm.bias", (64,))
        exact = -0.25 + 0.5 * seeded.uniform(3, "norm.bias", 64)
        self.assertEqual(values.dtype, np.float32)
        self.assertEqual(values.tolist(), exact.astype(np.float32).tolist())

    def test_sample_positions_stay_inside(self):
        positions = seeded.sample_positions(9, "logits", 4096, 5)
        self.assertEqual(set(positions.tolist()), {0, 1, 2, 3, 4})


if __name__ == "__main__":
    unittest.main()

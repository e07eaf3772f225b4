"""Rounding to formats of fewer bits, by hand and by an independent formula. NumPy alone."""

import unittest

import numpy as np

from oracle.rounding import PRECISIONS, round_to

SMALLEST = {"fp16": 2.0**-24, "bf16": 2.0**-133, "tf32": 2.0**-136}  # the step of subnormal numbers
LARGEST = {"fp16": 65504.0, "bf16": 255 * 2.0**120, "tf32": 2047 * 2.0**117}


def by_formula(values, precision):
    """The nearest multiple of the step at each value, in float64: rint takes the even one of two."""
    values = values.astype(np.float64)
    _, exponent = np.frexp(values)
    step = np.maximum(np.exp2(exponent - 1.0 - PRECISIONS[precision]), SMALLEST[precision])
    rounded = np.rint(values / step) * step
    return np.where(np.abs(rounded) > LARGEST[precision], np.sign(values) * np.inf, rounded)


class Rounding(unittest.TestCase):
    def test_by_hand(self):
        for precision, value, wanted in (
            ("fp16", 1 + 2**-11, 1.0),  # in the middle: the even one
            ("fp16", 1 + 3 * 2**-11, 1 + 2**-9),
            ("fp16", 1 + 2**-11 + 2**-20, 1 + 2**-10),
            ("fp16", -0.1, -0.0999755859375),
            ("fp16", 2**-25, 0.0),
            ("fp16", 3 * 2**-25, 2**-23),
            ("fp16", 65519.0, 65504.0),
            ("fp16", 65520.0, np.inf),
            ("fp16", -1e6, -np.inf),
            ("bf16", 1 + 2**-8, 1.0),
            ("bf16", 1 + 3 * 2**-8, 1 + 2**-6),
            ("bf16", 3.14159274, 3.140625),
            ("bf16", 3.4e38, np.inf),
            ("tf32", 1 + 2**-11, 1.0),
            ("tf32", 65520.0, 65536.0),
            ("tf32", 3.14159274, 3.140625),
            ("tf32", -0.0, -0.0),
        ):
            with self.subTest(f"{value} in {precision}"):
                rounded = round_to(np.float32([value]), precision)
                self.assertEqual(rounded.dtype, np.float32)
                np.testing.assert_allclose(rounded[0], wanted, rtol=1e-8)

    def test_by_formula(self):
        random = np.random.default_rng(7)
        values = np.float32(random.standard_normal(20_000) * np.exp2(random.uniform(-40, 20, 20_000)))
        middles = np.float32(np.arange(1, 5000, 2) * 2.0**-11)  # of two numbers, for ten bits and for fewer
        for precision in PRECISIONS:
            for given in (values, -middles, middles.reshape(2, -1) * 8):
                np.testing.assert_array_equal(round_to(given, precision), by_formula(given, precision), precision)

    def test_what_is_rounded_stays(self):
        values = np.float32(np.random.default_rng(8).standard_normal((3, 5)))
        for precision in PRECISIONS:
            once = round_to(values, precision)
            np.testing.assert_array_equal(round_to(once, precision), once)

    def test_nan_and_infinity_stay(self):
        for precision in PRECISIONS:
            np.testing.assert_array_equal(round_to([np.nan, np.inf, -np.inf], precision), [np.nan, np.inf, -np.inf])


if __name__ == "__main__":
    unittest.main()

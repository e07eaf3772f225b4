"""The exact resize against a hand formula in fractions, and against Paddle's own float32 kernel."""

import unittest
from fractions import Fraction

import numpy as np

from oracle.paddle_model import load_paddle
from oracle.paddle_resize import exact_resize, resize_matrix

SIZES = ((3, 7), (7, 3), (4, 8), (5, 5), (1, 6), (6, 1), (8, 75))


def weights_by_hand(source, target, align_corners, row):
    if align_corners:
        position = Fraction(row * (source - 1), target - 1) if target > 1 else Fraction(0)
    else:
        position = max(Fraction((2 * row + 1) * source, 2 * target) - Fraction(1, 2), Fraction(0))
    below = min(int(position), source - 1)
    fraction = position - int(position)
    weights = [Fraction(0)] * source
    weights[below] += 1 - fraction
    weights[min(below + 1, source - 1)] += fraction
    return [float(weight) for weight in weights]


class Resize(unittest.TestCase):
    def test_matrix_is_the_hand_formula(self):
        for align_corners in (False, True):
            for source, target in SIZES:
                expected = [weights_by_hand(source, target, align_corners, row) for row in range(target)]
                actual = resize_matrix(source, target, align_corners)
                np.testing.assert_allclose(actual, expected, rtol=0, atol=4e-15, err_msg=f"{source} to {target}")

    def test_resizing_agrees_with_paddles_kernel_to_float32(self):
        paddle = load_paddle()
        interpolate = paddle.nn.functional.interpolate
        values = np.random.default_rng(1).standard_normal((2, 3, 9, 13))
        for align_corners in (False, True):
            options = {"mode": "bilinear", "align_corners": align_corners}
            theirs = interpolate(paddle.to_tensor(values, dtype="float32"), [20, 31], **options).numpy()
            with exact_resize():
                ours = paddle.nn.functional.interpolate(paddle.to_tensor(values, dtype="float64"), [20, 31], **options)
            self.assertEqual(ours.dtype, paddle.float64)
            self.assertLess(np.max(np.abs(ours.numpy() - theirs)), 1e-5)

    def test_paddles_kernel_is_put_back(self):
        kernels = load_paddle()._C_ops
        before = {name: getattr(kernels, name) for name in ("bilinear_interp", "nearest_interp")}
        with self.assertRaises(ZeroDivisionError), exact_resize():
            self.assertIsNot(kernels.bilinear_interp, before["bilinear_interp"])
            _ = 1 / 0
        self.assertEqual(before, {name: getattr(kernels, name) for name in before})


if __name__ == "__main__":
    unittest.main()

"""Operators of a format of fewer bits: each is NumPy's on rounded inputs, rounded."""

import math
import unittest

import numpy as np

from oracle.errors import OracleError
from oracle.paddle_model import load_paddle
from oracle.paddle_rounding import rounded_operators
from oracle.references import find_reference
from oracle.rounding import GradientOverflow, PrecisionOverflow, round_to

RANDOM = np.random.default_rng(11)


def drawn(*shape):
    return np.float32(RANDOM.standard_normal(shape))


def conv(x, weight, groups=1):
    """Of 1 × 1 kernels [o, i / groups, 1, 1]."""
    parts = zip(np.split(x, groups, axis=1), np.split(weight[:, :, 0, 0], groups), strict=True)
    return np.concatenate([np.einsum("bihw,oi->bohw", part, kernel) for part, kernel in parts], axis=1)


def normed(x, axes, epsilon=1e-5):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)


def softmax(x):
    shares = np.exp(x - x.max(-1, keepdims=True))
    return shares / shares.sum(-1, keepdims=True)


def along(values):
    return values.reshape(1, -1, 1, 1)


def operators():
    """name → (Paddle's, NumPy's in float64, inputs, whether it is a product)"""
    functional = load_paddle().nn.functional
    x, y, channels = drawn(2, 8, 3, 5), drawn(2, 8, 3, 5), [drawn(8) for _ in range(3)] + [np.abs(drawn(8)) + 0.5]
    kernel, a, b = drawn(6, 8, 1, 1), drawn(2, 4, 7), drawn(2, 7, 3)
    gelu = np.vectorize(lambda value: 0.5 * value * (1 + math.erf(value / math.sqrt(2))))
    return {
        "conv2d": (functional.conv2d, conv, (x, kernel), True),
        "grouped": (
            lambda x, w: functional.conv2d(x, w, groups=8),
            lambda x, w: conv(x, w, 8),
            (x, drawn(8, 1, 1, 1)),
            True,
        ),
        "linear": (functional.linear, lambda x, w, b: x @ w + b, (a, drawn(7, 5), drawn(5)), True),
        "matmul": (lambda a, b: a @ b, np.matmul, (a, b), True),
        "bmm": (lambda a, b: a.bmm(b), np.matmul, (a, b), True),
        "batch norm": (
            lambda x, m, v, w, b: functional.batch_norm(x, m, v, w, b),
            lambda x, m, v, w, b: (x - along(m)) / np.sqrt(along(v) + 1e-5) * along(w) + along(b),
            (x, channels[0], channels[3], *channels[1:3]),
            False,
        ),
        "layer norm": (lambda x: functional.layer_norm(x, 7), lambda x: normed(x, -1), (a,), False),
        "group norm": (
            lambda x: load_paddle()._C_ops.group_norm(x, None, None, 1e-5, 2, "NCHW"),
            lambda x: normed(x.reshape(2, 2, 4, 3, 5), (2, 3, 4)).reshape(x.shape),
            (x,),
            False,
        ),
        "gelu": (functional.gelu, gelu, (x,), False),
        "relu": (functional.relu, lambda x: np.maximum(x, 0), (x,), False),
        "softmax": (functional.softmax, softmax, (a,), False),
        "sum": (lambda x: x.sum(axis=1), lambda x: x.sum(axis=1), (x,), False),
        "mean": (lambda x: x.mean(axis=[2, 3]), lambda x: x.mean(axis=(2, 3)), (x,), False),
        "added": (lambda x, y: x + y, np.add, (x, y), False),
        "multiplied": (lambda x, y: x * y, np.multiply, (x, y), False),
        "divided": (lambda x, y: x / y, np.divide, (x, np.abs(y) + 1), False),
        "times a number": (lambda x: 3 * x, lambda x: 3 * x, (x,), False),
        "resized": (
            lambda x: functional.interpolate(x, size=[3, 9], mode="bilinear", align_corners=True),
            lambda x: np.stack([x, (x + np.roll(x, -1, -1)) / 2], -1).reshape(2, 8, 3, 10)[..., :9],
            (x,),
            False,
        ),
    }


class RoundedOperators(unittest.TestCase):
    def setUp(self):
        self.paddle = load_paddle()

    def run_one(self, operator, inputs, precision):
        tensors = [self.paddle.to_tensor(values) for values in inputs]
        with rounded_operators(precision) as validate:
            result = operator(*tensors)
        validate()
        return result.numpy()

    def test_fp16_and_bf16_round_what_goes_in_and_what_comes_out(self):
        for name, (operator, numpy_own, inputs, _) in operators().items():
            for precision in ("fp16", "bf16"):
                with self.subTest(f"{name} in {precision}"):
                    actual = self.run_one(operator, inputs, precision)
                    exact = numpy_own(*[round_to(values, precision).astype(np.float64) for values in inputs])
                    self.assert_rounded(actual, exact, precision)
                    unrounded = round_to(numpy_own(*[values.astype(np.float64) for values in inputs]), precision)
                    if name != "relu":
                        self.assertLess(np.mean(actual == unrounded), 0.9, "its inputs are rounded, too")

    def test_tf32_rounds_what_products_read(self):
        for name, (operator, numpy_own, inputs, is_product) in operators().items():
            with self.subTest(name):
                read = [
                    round_to(values, "tf32") if is_product and at < 2 else values for at, values in enumerate(inputs)
                ]
                exact = numpy_own(*[values.astype(np.float64) for values in read])
                np.testing.assert_allclose(self.run_one(operator, inputs, "tf32"), exact, rtol=1e-5, atol=2e-6)

    def assert_rounded(self, actual, exact, precision):
        """Sums are float32's, so that a value in the middle may fall on either side."""
        np.testing.assert_array_equal(round_to(actual, precision), actual, "it is of the format")
        self.assertGreater(np.mean(actual == round_to(exact, precision)), 0.99)
        np.testing.assert_allclose(actual, exact, rtol=2.0 ** -(10 if precision == "fp16" else 7), atol=1e-6)

    def test_sums_are_those_of_float32(self):
        ones = np.full((1, 4096), 1.0, np.float32)
        for precision in ("fp16", "bf16"):
            summed = self.run_one(lambda a, b: a @ b, (ones, ones.T * np.float32(0.25)), precision)
            self.assertEqual(summed[0, 0], 1024, "fp16 itself stops at 2048 ones, bf16 at 256")

    def test_sizes_are_not_rounded(self):
        size = self.paddle.to_tensor(257.0)
        with rounded_operators("bf16"):
            self.assertEqual(float(size * 1.0), 257.0)

    def test_what_is_too_large_is_told_of(self):
        x = self.paddle.to_tensor([300.0, 1.0])
        with rounded_operators("fp16") as validate:
            x * x
        with self.assertRaisesRegex(PrecisionOverflow, r"^Cannot compute in fp16: __mul__ has the value 90000, which"):
            validate()
        with rounded_operators("bf16") as validate:
            x * x
        validate()

    def test_a_kernel_that_is_reached_past_the_operators_is_refused(self):
        kernel = self.paddle._C_ops.relu  # as a library may bind it when it is imported
        with (
            self.assertRaisesRegex(OracleError, "ran 1 kernels in float32, and 0 were seen"),
            rounded_operators("fp16"),
        ):
            kernel(self.paddle.to_tensor([1.0, 2.0]))

    def test_afterwards_nothing_is_rounded(self):
        third = np.float32([1 / 3])
        with rounded_operators("bf16"):
            pass
        self.assertEqual((self.paddle.to_tensor(third) * 1.0).numpy(), third)

    def test_gradients_are_rounded_on_their_way_back(self):
        x, weight = drawn(3, 4), drawn(4, 2)
        for precision, stored in (("fp16", True), ("bf16", True), ("tf32", False)):
            a, b = (self.paddle.to_tensor(values, stop_gradient=False) for values in (x, weight))
            with rounded_operators(precision):
                product = a @ b
            given = drawn(3, 2)
            (product * self.paddle.to_tensor(given)).sum().backward()
            gradient = round_to(given, precision)
            for tensor, exact in (
                (a, gradient @ round_to(weight, precision).T),
                (b, round_to(x, precision).T @ gradient),
            ):
                wanted = round_to(exact, precision) if stored else exact
                np.testing.assert_allclose(tensor.grad.numpy(), wanted, rtol=2.0**-7 if stored else 1e-6, atol=1e-6)
                self.assertEqual(np.all(round_to(tensor.grad.numpy(), precision) == tensor.grad.numpy()), stored)

    def test_a_gradient_that_is_too_large_is_told_of_after_the_backward_pass(self):
        x = self.paddle.to_tensor([1.0, 2.0], stop_gradient=False)
        with rounded_operators("fp16") as validate:
            y = x * 2.0
        validate()
        (y * 1e6).sum().backward()
        with self.assertRaisesRegex(GradientOverflow, "a gradient of __mul__ has the value 1e"):
            validate(GradientOverflow)

    def test_batch_norms_keep_their_statistics_in_float32(self):
        layer = self.paddle.nn.BatchNorm2D(3)
        layer.train()
        x = drawn(2, 3, 4, 4)
        with rounded_operators("bf16"):
            layer(self.paddle.to_tensor(x))
        read = round_to(x, "bf16").astype(np.float64)
        np.testing.assert_allclose(layer._mean.numpy(), 0.1 * read.mean(axis=(0, 2, 3)), rtol=1e-5)
        np.testing.assert_allclose(layer._variance.numpy(), 0.9 + 0.1 * read.var(axis=(0, 2, 3)), rtol=1e-5)

    def test_what_is_put_in_place_of_a_probe_is_of_the_format(self):
        reference = find_reference()
        model = self.paddle.nn.Sequential(self.paddle.nn.Sequential(self.paddle.nn.Conv2D(3, 4, 1)))
        golden = drawn(1, 4, 2, 2)
        image = drawn(1, 3, 2, 2)
        for precision, wanted in (("fp16", round_to(golden, "fp16")), ("tf32", golden)):
            values = reference.record(model, image, ["0.0", "0", "logits"], {"0.0": golden}, precision)
            np.testing.assert_array_equal(values["0"], wanted)


if __name__ == "__main__":
    unittest.main()

"""A float64 run that rounds to float32 on its way is refused."""

import unittest

import numpy as np

from oracle.errors import OracleError
from oracle.paddle_model import build_model, load_paddle
from oracle.paddle_precision import exact_run
from oracle.references import find_reference

LPSNET = {
    "type": "LPSNet",
    "depths": [1, 1, 1, 1],
    "channels": [4, 4, 6, 6],
    "scale_ratios": [1.0, 0.3],
    "num_classes": 3,
}


class ExactRun(unittest.TestCase):
    def setUp(self):
        self.paddle = load_paddle()
        self.x = self.paddle.to_tensor(np.random.default_rng(1).standard_normal((1, 2, 5, 7)))  # float64

    def test_what_is_float64_throughout_passes(self):
        with exact_run():
            y = self.paddle.nn.functional.relu(self.x * 2.5) + 1
        self.assertEqual(y.dtype, self.paddle.float64)

    def test_a_float32_tensor_between_float64_ones_is_refused(self):
        for rounds in (
            lambda x: x * self.paddle.to_tensor([0.1]),
            lambda x: self.paddle.nn.functional.relu(x.astype("float32")).astype("float64"),
            lambda x: x + self.paddle.ones([1]),
        ):
            with self.assertRaisesRegex(OracleError, "ran in 32 bits or fewer"), exact_run():
                rounds(self.x)

    def test_a_float32_tensor_in_the_backward_pass_is_refused(self):
        self.x.stop_gradient = False
        y = self.paddle.nn.functional.relu(self.x)
        y.register_hook(lambda gradient: gradient.astype("float32").astype("float64"))
        with self.assertRaisesRegex(OracleError, "cast of the model"), exact_run():
            y.sum().backward()

    def test_a_kernel_that_resizes_and_was_not_replaced_is_refused(self):
        kernel = self.paddle._C_ops.bilinear_interp  # as a library may bind it when it is imported
        with self.assertRaisesRegex(OracleError, "Paddle's own bilinear_interp"), exact_run():
            kernel(self.x, None, None, None, "NCHW", -1, 9, 9, [], "bilinear", True, 0)

    def test_other_ways_of_resizing_are_refused(self):
        functional = self.paddle.nn.functional
        for options in ({"mode": "nearest"}, {"mode": "bicubic"}, {"mode": "bilinear", "align_mode": 1}):
            with self.assertRaisesRegex(OracleError, "Cannot resize exactly"), exact_run():
                functional.interpolate(self.x, [9, 9], **options)
        with self.assertRaisesRegex(OracleError, "Cannot resize exactly"), exact_run():
            functional.interpolate(self.x, scale_factor=2, mode="bilinear")

    def test_what_a_library_bound_when_it_was_imported_resizes_exactly(self):
        model = build_model(LPSNET, "float64")
        image = np.random.default_rng(2).standard_normal((1, 3, 70, 90)).astype(np.float32)
        recorded = find_reference().record(model, image, ["logits"])["logits"]
        kernel_run = model(self.paddle.to_tensor(image, dtype="float64"))[0].numpy()  # float32 coordinates
        self.assertLess(np.max(np.abs(recorded - kernel_run)), 1e-4)
        self.assertGreater(np.max(np.abs(recorded - kernel_run)), 1e-12)

    def test_upsample_resizes_exactly(self):
        functional = self.paddle.nn.functional
        with exact_run():
            ours = functional.upsample(self.x, size=[11, 13], mode="bilinear", align_corners=True)
            theirs = functional.interpolate(self.x, size=[11, 13], mode="bilinear", align_corners=True)
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


if __name__ == "__main__":
    unittest.main()

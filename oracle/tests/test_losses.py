"""Losses of the reference in float64."""

import json
import unittest
from pathlib import Path

import numpy as np

from oracle.errors import OracleError
from oracle.paddle_losses import LOSSES, build_loss
from oracle.paddle_model import load_paddle


class Losses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        generator = np.random.default_rng(3)
        cls.logits = generator.standard_normal((3, 4, 5, 6))
        cls.label = generator.integers(0, 4, (3, 5, 6))
        cls.label[0, :2] = 255
        cls.label[2, 0, 0] = 255
        shifted = cls.logits - cls.logits.max(axis=1, keepdims=True)
        cls.probability = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
        cls.valid = cls.label != 255
        cls.known = np.where(cls.valid, cls.label, 0)
        cls.pixel = -np.log(np.take_along_axis(cls.probability, cls.known[:, None], axis=1)[:, 0]) * cls.valid

    def loss(self, *types, coef=(1,)):
        paddle = load_paddle()
        built = build_loss({"types": list(types), "coef": list(coef)})
        return float(built([paddle.to_tensor(self.logits)], paddle.to_tensor(self.label)))

    def test_cross_entropy_is_a_mean_over_valid_pixels(self):
        self.assertAlmostEqual(
            self.loss({"type": "CrossEntropyLoss"}), self.pixel.mean() / (self.valid.mean() + 1e-8), places=13
        )

    def test_cross_entropy_with_weights_is_a_weighted_mean(self):
        weights = np.array([0.5, 1.0, 2.0, 3.0])
        of_pixel = weights[self.known]
        expected = (self.pixel * of_pixel).mean() / ((of_pixel * self.valid).mean() + 1e-8)
        self.assertAlmostEqual(self.loss({"type": "CrossEntropyLoss", "weight": weights.tolist()}), expected, places=13)

    def test_cross_entropy_of_the_hardest_pixels(self):
        hardest = np.sort(self.pixel.ravel())[::-1][: int(0.3 * self.pixel.size)]
        self.assertAlmostEqual(
            self.loss({"type": "CrossEntropyLoss", "top_k_percent_pixels": 0.3}), hardest.mean() / (1 + 1e-8), places=13
        )

    def test_dice_is_a_mean_over_images_then_classes(self):
        total = 0.0
        for index in range(4):
            probability, truth = self.probability[:, index] * self.valid, (self.known == index) * self.valid
            overlap, size = (probability * truth).sum(axis=(1, 2)), (probability + truth).sum(axis=(1, 2))
            total += (1 - (2 * overlap + 1) / (size + 1 + 1e-8)).mean()
        self.assertAlmostEqual(self.loss({"type": "DiceLoss"}), total / 4, places=13)

    def test_every_known_loss_has_the_value_of_paddlesegs_own_class(self):
        paddle = load_paddle()
        kept = json.loads((Path(__file__).parents[2] / "training" / "paddle-values.json").read_text())
        batch, _, height, width = kept["shape"]
        logits, label = np.reshape(kept["logits"], kept["shape"]), np.reshape(kept["label"], (batch, height, width))
        seen = set()
        for entry in kept["losses"]:
            seen.add(entry["section"]["type"])
            x = paddle.to_tensor(logits, stop_gradient=False)
            loss = build_loss({"types": [entry["section"]], "coef": [1]})([x], paddle.to_tensor(label))
            loss.backward()
            # The reference takes the mean of its mask, and adds epsilon to it, in float32.
            np.testing.assert_allclose(float(loss), entry["value"], rtol=2**-23, err_msg=str(entry["section"]))
            np.testing.assert_allclose(
                x.grad.numpy().ravel(), entry["gradient"], rtol=2**-23, atol=1e-14, err_msg=str(entry["section"])
            )
        self.assertEqual(seen, set(LOSSES))

    def test_losses_are_mixed_by_their_coefficients(self):
        cross, dice = self.loss({"type": "CrossEntropyLoss"}), self.loss({"type": "DiceLoss"})
        mixed = {
            "type": "MixedLoss",
            "losses": [{"type": "CrossEntropyLoss"}, {"type": "DiceLoss"}],
            "coef": [0.8, 0.2],
        }
        self.assertAlmostEqual(self.loss(mixed, coef=(3,)), 3 * (0.8 * cross + 0.2 * dice), places=12)

    def test_what_is_not_known_is_refused(self):
        with self.assertRaisesRegex(OracleError, "its type is 'FocalLoss'"):
            self.loss({"type": "FocalLoss"})
        with self.assertRaisesRegex(OracleError, "weight without avg_non_ignore"):
            self.loss({"type": "CrossEntropyLoss", "weight": [1.0] * 4, "avg_non_ignore": False})
        with self.assertRaisesRegex(OracleError, "it has 1 types and 2 coef"):
            self.loss({"type": "DiceLoss"}, coef=(1, 1))


if __name__ == "__main__":
    unittest.main()

"""The noise of a training, and what in it may switch."""

import unittest

import numpy as np

from oracle.errors import OracleError
from oracle.paddle_losses import build_loss
from oracle.paddle_model import load_paddle
from oracle.paddle_switches import flipped_switches, watched_switches
from oracle.paddle_training import train_reference
from oracle.references import find_reference
from oracle.switches import measure_switch_noise, near_switches
from oracle.tests.small_training import SPEC
from oracle.train import train_case_from_spec
from oracle.train_noise import Spread, batch_orders, measure_spread


class Noise(unittest.TestCase):
    golden = {"grads": {"a": np.ones(4, np.float32), "b": np.ones(4, np.float32)}, "params": {}, "buffers": {}}

    def spread(self, figures, informative=("a", "b")):
        noises = [
            {
                "grads": {name: {"rel_rms": figure[name], "max_over_rms": figure[name]} for name in "ab"},
                "params": {},
                "buffers": {},
            }
            for figure in figures
        ]
        largest = {"grads": {name: {"rel_rms": max(figure[name] for figure in figures)} for name in "ab"}}
        dull = {"grads": {name for name in "ab" if name not in informative}, "params": set(), "buffers": set()}
        return measure_spread(noises, self.golden, largest, dull)

    def test_the_furthest_run_is_held_against_the_next(self):
        figures = [{"a": 1e-6, "b": 1e-6}, {"a": 2e-6, "b": 9e-6}, {"a": 1.5e-6, "b": 3e-6}]
        self.assertEqual(self.spread(figures), Spread("grads/b", "rel_rms", 3.0))
        self.assertAlmostEqual(self.spread(figures, "a").ratio, 4 / 3)

    def test_what_lies_below_the_judges_floor_is_alike(self):
        self.assertEqual(self.spread([{"a": 1e-12, "b": 0}, {"a": 1e-9, "b": 0}]).ratio, 1.0)

    def test_gradients_that_are_mostly_rounding_are_left_out(self):
        self.assertEqual(self.spread([{"a": 0.2, "b": 1e-6}, {"a": 0.01, "b": 1e-6}]).ratio, 1.0)

    def test_orders_are_different_permutations(self):
        for batch in (3, 4, 7):
            orders = batch_orders(batch)
            self.assertGreaterEqual(len(set(orders)), 4)
            self.assertTrue(all(sorted(order) == list(range(batch)) for order in orders))
        with self.assertRaisesRegex(OracleError, "with a batch of 2"):
            batch_orders(2)


class Switches(unittest.TestCase):
    def test_all_rectifiers_of_each_step_are_watched_and_none_afterwards(self):
        case = train_case_from_spec(find_reference(), SPEC)
        with watched_switches() as seen:
            train_reference(case, "float64")
        train_reference(case, "float64")
        self.assertEqual(
            [values.shape for values in seen], 2 * [(3, 16, 5, 7), (3, 16, 5, 7), (3, 16, 5, 7), (3, 16, 5, 7)]
        )

    def test_the_choices_of_a_loss_are_watched(self):
        paddle = load_paddle()
        likely = np.array([[0.9, 0.6, 0.8, 0.05]])
        logits = paddle.to_tensor(np.log(np.stack([likely, 1 - likely], axis=1)[:, :, None]))
        label = paddle.to_tensor(np.array([[[0, 0, 0, 255]]]))
        for section, expected in (
            (
                {"type": "OhemCrossEntropyLoss", "min_kept": 2, "thresh": 0.1},
                [0.2, -0.1, 0.1, 0.35],
            ),  # 0.6 is kept and 0.8 is not: 0.7 parts them; an ignored pixel counts as 1 more
            ({"type": "OhemCrossEntropyLoss", "min_kept": 2, "thresh": 0.85}, [0.05, -0.25, -0.05, 0.2]),
        ):
            with watched_switches() as seen:
                build_loss({"types": [section], "coef": [1]})([logits], label)
            np.testing.assert_allclose(seen[0], expected, atol=1e-12, err_msg=str(section))

    def test_an_error_is_taken_of_each_channel_whatever_the_order(self):
        exact = np.arange(24.0).reshape(3, 2, 2, 2)
        error = np.zeros((3, 2, 2, 2))
        error[0, 1] = 3e-3
        order = (2, 0, 1)
        (noise,) = measure_switch_noise([(exact + error)[list(order)]], [exact], order)
        np.testing.assert_allclose(noise, np.reshape([0, 3e-3 / np.sqrt(3)], (1, 2, 1, 1)), rtol=1e-9)

    def test_values_that_an_honest_port_may_see_on_the_other_side_are_marked(self):
        exact = [np.array([-5.0, 0.8, 0.81]), np.array([0.5, -3.0]), np.zeros(1)]
        noises = [[np.array([0.1]), np.array([0.05]), np.zeros(1)], [np.array([0.2]), np.array([0.125]), np.zeros(1)]]
        self.assertEqual(
            [marks.tolist() for marks in near_switches(exact, noises)], [[False, True, False], [True, False], [False]]
        )

    def test_a_flipped_rectifier_passes_the_gradient_that_it_held_back(self):
        paddle = load_paddle()
        x = paddle.to_tensor([-1.0, -2.0, 3.0, 4.0], stop_gradient=False)
        with flipped_switches([np.array([True, False, True, False])]):
            y = paddle.nn.functional.relu(x)
        y.sum().backward()
        self.assertEqual(y.numpy().tolist(), [-1, 0, 0, 4])
        self.assertEqual(x.grad.numpy().tolist(), [1, 0, 0, 1])
        self.assertEqual(paddle.nn.functional.relu(x).numpy().tolist(), [0, 0, 3, 4])

    def test_flipped_pixels_enter_or_leave_what_a_loss_keeps(self):
        paddle = load_paddle()
        likely = np.array([[0.9, 0.6, 0.8, 0.5]])
        logits, label = (
            paddle.to_tensor(np.log(np.stack([likely, 1 - likely], axis=1)[:, :, None])),
            paddle.to_tensor(np.array([[[0, 0, 0, 0]]])),
        )
        flip = np.array([False, True, True, False])  # of 0.6 and of 0.8
        for section, kept in (
            (
                {"type": "OhemCrossEntropyLoss", "min_kept": 2, "thresh": 0.1},
                [0.5, 0.6, 0.8],
            ),  # 0.5 alone was kept: what is below the second lowest
            ({"type": "OhemCrossEntropyLoss", "min_kept": 2, "thresh": 0.7}, [0.5, 0.8]),
            ({"type": "CrossEntropyLoss", "top_k_percent_pixels": 0.5}, [0.5, 0.8]),
        ):
            with flipped_switches([flip]):
                found = float(build_loss({"types": [section], "coef": [1]})([logits], label))
            self.assertAlmostEqual(found, float(np.mean(-np.log(kept))), places=4, msg=str(section))


if __name__ == "__main__":
    unittest.main()

"""VQ2D and CD2D in PaddleSeg's head are what oracle/hamburger.py says of the paper, forward and backward."""

import unittest

import numpy as np

from oracle.draws import bases_problems, seeded_draws
from oracle.errors import OracleError
from oracle.hamburger import (
    concept_decomposition,
    concept_decomposition_gradient,
    to_maps,
    to_matrices,
    vector_quantisation,
    vector_quantisation_gradient,
)
from oracle.paddle_draws import draws_from
from oracle.paddle_model import build_model, load_paddle
from oracle.seeded import normal

SHAPE = (2, 16, 5, 6)
BACKBONE = {"type": "MSCAN", "embed_dims": [8, 8, 8, 8], "depths": [1, 1, 1, 1], "mlp_ratios": [1, 1, 1, 1]}


def section(**options):
    decoder = {"channels": 16, "ham_channels": 16, "num_groups": 4, "ham_kwargs": {"MD_R": 5, **options}}
    return {"type": "SegNeXt", "backbone": BACKBONE, "num_classes": 3, "decoder_cfg": decoder}


def run_paddle(options, maps, gradient, training):
    """The map that the decomposition gives in float64, the gradient by its input, and what it drew."""
    paddle = load_paddle()
    model, draws = build_model(section(**options), "float64"), {}
    model.train() if training else model.eval()
    x = paddle.to_tensor(maps, stop_gradient=False)
    with draws_from(model, seeded_draws(3, draws)):
        result = model.decode_head.hamburger.ham(x)
    result.backward(paddle.to_tensor(gradient))
    return result.numpy(), x.grad.numpy(), draws


class PaddleHamburger(unittest.TestCase):
    def test_maps_and_gradients_are_those_of_the_definition(self):
        generator = np.random.default_rng(1)
        maps, gradient = generator.standard_normal((2, *SHAPE))
        for kind in ("VQ", "CD"):
            for splits, spatial, inv_t, training in ((1, True, 100, True), (2, True, 7, False), (2, False, 7, True)):
                options = {
                    **{"HAM_TYPE": kind, "MD_S": splits, "SPATIAL": spatial, "INV_T": inv_t, "BETA": 0.2},
                    **{"TRAIN_STEPS": 3, "EVAL_STEPS": 5},
                }
                found, of_x, draws = run_paddle(options, maps, gradient, training)
                (name, drawn), *others = draws.items()
                self.assertEqual((name, others), ("decode_head.hamburger.ham.bases", []))
                x, given = (to_matrices(each, splits, spatial) for each in (maps, gradient))
                steps = 3 if training else 5
                if kind == "VQ":
                    bases, coefficients = vector_quantisation(x, drawn.astype(np.float64), steps, inv_t)
                    expected = vector_quantisation_gradient(x, bases, coefficients, given, inv_t)
                else:
                    bases, coefficients = concept_decomposition(x, drawn.astype(np.float64), steps, inv_t, 0.2)
                    expected = concept_decomposition_gradient(bases, given, 0.2)
                product = bases @ np.swapaxes(coefficients, 1, 2)
                np.testing.assert_allclose(found, to_maps(product, SHAPE, spatial), rtol=0, atol=1e-11)
                np.testing.assert_allclose(of_x, to_maps(expected, SHAPE, spatial), rtol=0, atol=1e-11)

    def test_a_relu_stands_before_nmf_alone(self):
        paddle = load_paddle()
        for kind, rectified in (("VQ", False), ("CD", False), ("NMF", True)):
            hamburger = build_model(section(HAM_TYPE=kind), "float32").decode_head.hamburger
            seen = []
            hamburger.ham.register_forward_pre_hook(lambda _layer, inputs, seen=seen: seen.append(inputs[0]))
            hamburger(paddle.to_tensor(np.random.default_rng(1).standard_normal(SHAPE), dtype="float32"))
            self.assertEqual(bool((seen[0] >= 0).all()), rectified, kind)

    def test_draws_are_normal_numbers_and_verified_as_such(self):
        values = normal(3, "x", 100_000)
        self.assertEqual(values[:7].tolist(), normal(3, "x", 7).tolist())
        moments = [np.mean(values**power) for power in (1, 2, 3, 4)]
        np.testing.assert_allclose(moments, [0, 1, 0, 3], atol=0.05)
        uniform, drawn = np.float32([0.1, 0.9]), values.astype(np.float32)
        for kind, good, bad in (("CD", drawn, uniform), ("NMF", uniform, drawn)):
            self.assertEqual(bases_problems("d", good, section(HAM_TYPE=kind)), [])
            self.assertEqual(len(bases_problems("d", bad, section(HAM_TYPE=kind))), 1)

    def test_another_type_and_kept_bases_are_refused(self):
        for options in ({"HAM_TYPE": "PCA"}, {"HAM_TYPE": "VQ", "RAND_INIT": False}):
            with self.assertRaisesRegex(OracleError, "one of .*'VQ', 'CD', 'NMF'.* is wanted, and RAND_INIT true"):
                build_model(section(**options), "float32")


if __name__ == "__main__":
    unittest.main()

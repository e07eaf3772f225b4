"""Vector quantisation and concept decomposition do what the paper says of them, and what the authors' code does.

The authors' file is fetched and not kept here (docs/hamburger.md): HAMBURGER names it. Without it, or without PyTorch,
that comparison is skipped.
"""

import importlib.util
import os
import types
import unittest
from pathlib import Path

import numpy as np

from oracle.hamburger import (
    concept_decomposition,
    concept_decomposition_gradient,
    to_maps,
    to_matrices,
    unit_columns,
    vector_quantisation,
    vector_quantisation_gradient,
)

GIVEN = os.environ.get("HAMBURGER")
# batch, channels, height, width; splits, spatial, columns of D, steps, inv_t, beta. Where inv_t is 1 the columns of D
# become alike, and a gradient is what rounding leaves of a difference.
CASES = (
    ((2, 12, 5, 7), 1, True, 5, 6, 100, 0.1),
    ((2, 12, 5, 7), 2, True, 4, 3, 10, 0.01),
    ((1, 12, 5, 7), 3, False, 3, 7, 20, 1.0),
    ((1, 64, 8, 8), 1, True, 64, 6, 100, 0.1),
    ((3, 6, 4, 4), 1, True, 3, 0, 30, 0.1),
)
# The same sums in another order, and an inverse in place of a solution, with condition numbers up to 1e3.
CLOSE = 1e-11


class Decompositions(unittest.TestCase):
    def test_shares_add_to_1_and_a_low_temperature_makes_means_of_the_nearest(self):
        x, drawn, _ = draw((1, 3, 4, 5), 1, True, 2)
        bases, shares = vector_quantisation(x, drawn, 5, 1e5)
        np.testing.assert_allclose(shares.sum(axis=2), 1.0)
        nearest = np.argmax(np.swapaxes(x, 1, 2) @ unit_columns(bases, 1e-6), axis=2)[0]
        for column in range(2):
            members = x[0][:, nearest == column]
            np.testing.assert_allclose(bases[0, :, column], members.mean(axis=1), rtol=1e-5)

    def test_concepts_have_length_1_and_the_coefficients_are_the_best_ones(self):
        x, drawn, direction = draw((1, 6, 4, 5), 1, True, 3)
        bases, coefficients = concept_decomposition(x, drawn, 4, 10, 0.3)
        np.testing.assert_allclose(np.linalg.norm(bases, axis=1), 1.0)

        def cost(c):
            return np.sum((x - bases @ np.swapaxes(c, 1, 2)) ** 2) + 0.3 * np.sum(c**2)

        for away in (1e-3, -1e-3):
            self.assertLess(cost(coefficients), cost(coefficients + away * direction[:, :3].swapaxes(1, 2)))

    def test_gradients_are_those_of_the_last_coefficients(self):
        x, drawn, gradient = draw((1, 6, 4, 5), 1, True, 3)
        step = 1e-6 * np.random.default_rng(2).standard_normal(x.shape)
        bases, shares = vector_quantisation(x, drawn, 4, 10)
        lengths = 1e-6 + np.linalg.norm(x, axis=1, keepdims=True)

        def quantised(moved):
            cosines = 10 * np.swapaxes(moved / lengths, 1, 2) @ unit_columns(bases, 1e-6)
            powers = np.exp(cosines)
            return bases @ np.swapaxes(powers / powers.sum(axis=2, keepdims=True), 1, 2)

        found = vector_quantisation_gradient(x, bases, shares, gradient, 10)
        moved = np.sum(gradient * (quantised(x + step) - quantised(x - step))) / 2
        self.assertAlmostEqual(np.sum(found * step) / moved, 1, places=6)

        bases, _ = concept_decomposition(x, drawn, 4, 10, 0.3)
        inverse = np.linalg.inv(np.swapaxes(bases, 1, 2) @ bases + 0.3 * np.eye(3))
        linear = bases @ inverse @ np.swapaxes(bases, 1, 2)
        np.testing.assert_allclose(concept_decomposition_gradient(bases, gradient, 0.3), linear @ gradient)

    def test_maps_come_back(self):
        maps = np.random.default_rng(1).standard_normal((2, 6, 4, 5))
        for spatial, shape in ((True, (4, 3, 20)), (False, (4, 20, 3))):
            matrices = to_matrices(maps, 2, spatial)
            self.assertEqual(matrices.shape, shape)
            np.testing.assert_array_equal(to_maps(matrices, maps.shape, spatial), maps)

    @unittest.skipUnless(GIVEN and importlib.util.find_spec("torch"), "HAMBURGER or PyTorch is not there")
    def test_the_authors_module_in_float64_gives_the_same_maps_and_gradients(self):
        worst = 0.0
        for shape, splits, spatial, rank, steps, inv_t, beta in CASES:
            x, drawn, gradient = draw(shape, splits, spatial, rank)
            for kind in ("VQ", "CD"):
                if kind == "VQ":
                    bases, coefficients = vector_quantisation(x, drawn, steps, inv_t)
                    of_x = vector_quantisation_gradient(x, bases, coefficients, gradient, inv_t)
                else:
                    bases, coefficients = concept_decomposition(x, drawn, steps, inv_t, beta)
                    of_x = concept_decomposition_gradient(bases, gradient, beta)
                ours = [to_maps(each, shape, spatial) for each in (bases @ np.swapaxes(coefficients, 1, 2), of_x)]
                arguments = {
                    **{"SPATIAL": spatial, "MD_S": splits, "MD_R": rank, "INV_T": inv_t, "BETA": beta},
                    **{"TRAIN_STEPS": steps, "EVAL_STEPS": steps + 1},
                }
                given = [to_maps(each, shape, spatial) for each in (x, gradient)]
                for name, mine, theirs in zip(("map", "gradient"), ours, run_authors(kind, arguments, *given, drawn)):
                    error = np.max(np.abs(mine - theirs)) / np.sqrt(np.mean(theirs**2))
                    print(f"{kind} {shape} S={splits} spatial={spatial} R={rank} steps={steps} {name}: {error:.1e}")
                    worst = max(worst, error)
        self.assertLessEqual(worst, CLOSE)


def draw(shape, splits, spatial, rank):
    """A map's matrices, normal numbers for the bases, and a gradient of the map."""
    generator = np.random.default_rng(1)
    x = to_matrices(generator.standard_normal(shape), splits, spatial)
    drawn = generator.standard_normal((x.shape[0], x.shape[1], rank))
    return x, drawn, generator.standard_normal(x.shape)


def run_authors(kind, arguments, maps, gradient, drawn):
    """The map and the gradient of one step in training. Their `.cuda()` is the tensor itself, what they draw is
    `drawn`, and `view` is `reshape`, without which SPATIAL false ends in an error of PyTorch 2.8.
    """
    import torch

    torch.set_default_dtype(torch.float64)
    spec = importlib.util.spec_from_file_location("authors_ham", Path(GIVEN))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tensor, originals = torch.Tensor, (torch.randn, torch.Tensor.cuda, torch.Tensor.view)
    torch.randn, tensor.cuda, tensor.view = (lambda _shape: torch.from_numpy(drawn)), (lambda x: x), tensor.reshape
    try:
        layer = module.get_hams(kind)(types.SimpleNamespace(**arguments)).train()
        x = torch.from_numpy(np.ascontiguousarray(maps)).requires_grad_()
        result = layer(x)
        result.backward(torch.from_numpy(np.ascontiguousarray(gradient)))
    finally:
        torch.randn, tensor.cuda, tensor.view = originals
    return result.detach().numpy(), x.grad.numpy()


if __name__ == "__main__":
    unittest.main()

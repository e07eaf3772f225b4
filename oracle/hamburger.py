"""Matrix decompositions of Hamburger beside NMF, in NumPy's float64: vector quantisation and concept decomposition.

Written from the paper (Geng et al., "Is Attention Better Than Matrix Decomposition?", ICLR 2021: sections 2.2 and 2.3
and its appendix). Its epsilons, and where a norm has none, are those of the authors' code (hamburger/ham.py of
Gsunshine/Enjoy-Hamburger), which docs/hamburger.md compares with this. It shares no line with a port or with Paddle.

A matrix X [d, n] is approximated by D Cᵀ with D [d, r] and C [n, r]. Every array here has a batch [m, …] in front.
`drawn` are standard normal numbers [m, d, r]; their columns of length 1 are the first D.
"""

import numpy as np

NORM_EPSILON = 1e-12  # of vectors that the data or the draws give
BASE_EPSILON = 1e-6  # of D's columns, and of sums over n


def vector_quantisation(x, drawn, steps, inv_t):
    """Soft k-means by cosines: each column of D is the mean of X's, weighted by C, the softmax over D's columns of
    inv_t · cos(x, D). Gives (D, C).
    """
    bases = unit_columns(drawn, NORM_EPSILON)
    for _ in range(steps):
        shares = _softmax(inv_t * _transposed(unit_columns(x, NORM_EPSILON)) @ unit_columns(bases, BASE_EPSILON))
        bases = x @ _mean_weights(shares)
    return bases, _softmax(inv_t * _transposed(_shortened(x)) @ unit_columns(bases, BASE_EPSILON))


def concept_decomposition(x, drawn, steps, inv_t, beta):
    """Spherical k-means, then the C that minimises ‖X − D Cᵀ‖² + beta ‖C‖². Gives (D, C)."""
    bases = unit_columns(drawn, NORM_EPSILON)
    for _ in range(steps):
        shares = _softmax(inv_t * _transposed(unit_columns(x, NORM_EPSILON)) @ bases)
        bases = unit_columns(x @ _mean_weights(shares), BASE_EPSILON)
    return bases, _transposed(np.linalg.solve(_regularised(bases, beta), _transposed(bases) @ x))


def vector_quantisation_gradient(x, bases, coefficients, gradient, inv_t):
    """d/dX of D Cᵀ against `gradient` [m, d, n], through the last C alone: D and the norms of X count as constants."""
    of_shares = _transposed(gradient) @ bases
    of_cosines = coefficients * (of_shares - np.sum(of_shares * coefficients, axis=2, keepdims=True))
    return inv_t * (unit_columns(bases, BASE_EPSILON) @ _transposed(of_cosines)) / _lengths(x)


def concept_decomposition_gradient(bases, gradient, beta):
    """d/dX of D Cᵀ against `gradient` [m, d, n], through the last C alone: D counts as a constant."""
    return bases @ np.linalg.solve(_regularised(bases, beta), _transposed(bases) @ gradient)


def to_matrices(maps, splits, spatial):
    """[b, c, h, w] as X [b·splits, d, n]: d counts a split's channels and n positions; not `spatial`: the other way."""
    batch, channels, height, width = maps.shape
    matrices = maps.reshape(batch * splits, channels // splits, height * width)
    return matrices if spatial else _transposed(matrices)


def to_maps(matrices, shape, spatial):
    """What to_matrices was given, of this shape."""
    return (matrices if spatial else _transposed(matrices)).reshape(shape)


def unit_columns(x, epsilon):
    """Each column by its length, or by epsilon where it is shorter."""
    return x / np.maximum(np.sqrt(np.sum(x * x, axis=1, keepdims=True)), epsilon)


def _shortened(x):
    return x / _lengths(x)


def _lengths(x):
    """The last C adds its epsilon to a length; a step takes the larger of the two."""
    return BASE_EPSILON + np.sqrt(np.sum(x * x, axis=1, keepdims=True))


def _mean_weights(shares):
    return shares / (BASE_EPSILON + np.sum(shares, axis=1, keepdims=True))


def _regularised(bases, beta):
    return _transposed(bases) @ bases + beta * np.eye(bases.shape[2])


def _softmax(x):
    powers = np.exp(x - np.max(x, axis=2, keepdims=True))
    return powers / np.sum(powers, axis=2, keepdims=True)


def _transposed(x):
    return np.swapaxes(x, 1, 2)

"""VQ2D and CD2D of Hamburger in the head of PaddleSeg's SegNeXt, which has NMF2D alone.

`ham_kwargs.HAM_TYPE` chooses, a key that PaddleSeg does not know: VQ, CD or NMF. The two are written after the authors'
hamburger/ham.py, on the base class that PaddleSeg has from there. They differ from NMF2D in three things: the bases are
drawn from a normal distribution, no ReLU stands before them, and the gradient goes through the last coefficients alone.
"""

from oracle.errors import OracleError

TYPES = ("VQ", "CD", "NMF")


def replace_hamburger(model, section):
    """Puts the decomposition that a `model:` section of SegNeXt asks for into the built model."""
    if section.get("type") != "SegNeXt":
        return
    options = (section.get("decoder_cfg") or {}).get("ham_kwargs") or {}
    kind = options.get("HAM_TYPE", "NMF")
    if kind == "NMF":
        return
    if kind not in TYPES or not options.get("RAND_INIT", True):
        raise OracleError(
            f"Cannot build the model: ham_kwargs has HAM_TYPE {kind!r} and RAND_INIT {options.get('RAND_INIT', True)}; "
            f"one of {TYPES} is wanted, and RAND_INIT true for VQ and CD."
        )
    hamburger = model.decode_head.hamburger
    hamburger.ham = {"VQ": _vq2d, "CD": _cd2d}[kind](dict(options))
    hamburger.forward = lambda x: _forward(hamburger, x)


def _forward(hamburger, x):
    from paddle.nn import functional

    return functional.relu(x + hamburger.ham_out(hamburger.ham(hamburger.ham_in(x))))


def _vq2d(options):
    import paddle
    from paddle.nn import functional

    class VQ2D(_base()):
        def local_step(self, x, bases, _coef):
            coef = self.shares(functional.normalize(x, axis=1), functional.normalize(bases, axis=1, epsilon=1e-6))
            return x.bmm(_per_position(coef)), coef

        def compute_coef(self, x, bases, _coef):
            norm = paddle.linalg.norm(x.detach(), axis=1, keepdim=True)
            return self.shares(x / (1e-6 + norm), functional.normalize(bases, axis=1, epsilon=1e-6))

    return VQ2D(options)


def _cd2d(options):
    import paddle
    from paddle.nn import functional

    class CD2D(_base()):
        def __init__(self, args):
            super().__init__(args)
            self.beta = args.get("BETA", 0.1)

        def local_step(self, x, bases, _coef):
            coef = self.shares(functional.normalize(x, axis=1), bases)
            return functional.normalize(x.bmm(_per_position(coef)), axis=1, epsilon=1e-6), coef

        def compute_coef(self, x, bases, _coef):
            gram = bases.transpose([0, 2, 1]).bmm(bases) + self.beta * paddle.eye(self.R, dtype=x.dtype)
            return x.transpose([0, 2, 1]).bmm(bases).bmm(paddle.inverse(gram))

    return CD2D(options)


def _base():
    import paddle
    from paddle.nn import functional
    from paddleseg.models.layers.nmf_2d import _MatrixDecomposition2DBase

    class Decomposition(_MatrixDecomposition2DBase):
        def _build_bases(self, B, S, D, R):
            return functional.normalize(paddle.randn((B * S, D, R)), axis=1)

        def local_inference(self, x, bases):
            with paddle.no_grad():
                return super().local_inference(x, bases)

        def shares(self, x, bases):
            """[m, n, r], of each position over the bases."""
            return functional.softmax(self.inv_t * x.transpose([0, 2, 1]).bmm(bases), axis=-1)

    return Decomposition


def _per_position(coef):
    return coef / (1e-6 + coef.sum(axis=1, keepdim=True))

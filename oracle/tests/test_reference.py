"""The reference is observed as it runs: copies made at once, names and order, true float64, strict weights."""

import math
import sys
import unittest
from unittest import mock

import numpy as np

from oracle.draws import recorded_draws
from oracle.errors import OracleError
from oracle.infer import first_pass, seeded_case
from oracle.paddle_draws import draws_from
from oracle.paddle_model import build_model, load_paddle, require_opencv
from oracle.paddle_probes import record_probes
from oracle.paddle_resize import exact_resize
from oracle.paddle_weights import list_parameters, set_weights
from oracle.probes import choose_probes
from oracle.references import find_reference

SECTION = {
    "type": "SegNeXt",
    "backbone": {
        "type": "MSCAN",
        "embed_dims": [8, 8, 16, 16],
        "depths": [1, 1, 1, 1],
        "mlp_ratios": [2, 2, 2, 2],
        "pretrained": "https://example.org/never.zip",
    },
    "num_classes": 3,
    "decoder_cfg": {"channels": 16, "ham_channels": 16, "num_groups": 4, "ham_kwargs": {"MD_R": 4}},
}
UNIT = "backbone.block2.0.attn.spatial_gating_unit"


class Reference(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        image = np.random.default_rng(1).standard_normal((2, 3, 40, 56)).astype(np.float32)
        cls.case = seeded_case(
            find_reference(),
            {**SECTION, "backbone": {key: value for key, value in SECTION["backbone"].items() if key != "pretrained"}},
            image,
            5,
        )
        cls.names = first_pass(find_reference(), build_model(SECTION, "float32"), image, {})
        cls.model = cls.case.built("float64")
        with exact_resize(), draws_from(cls.model, recorded_draws(cls.case.draws)):
            cls.values = record_probes(cls.model, image, cls.names)

    def test_a_data_pipeline_without_opencv_is_refused_before_it_starts(self):
        with mock.patch.dict(sys.modules), mock.patch("importlib.util.find_spec", return_value=None):
            sys.modules.pop("cv2", None)
            with self.assertRaisesRegex(OracleError, r"^Cannot train: OpenCV is not installed\. Fix: pip install"):
                require_opencv("train")
            sys.modules["cv2"] = mock.Mock()
            require_opencv("train")

    def layer(self, name):
        return dict(self.model.named_sublayers())[name]

    def run_layer(self, name, *inputs):
        paddle = load_paddle()
        with paddle.no_grad():
            return self.layer(name)(*[paddle.to_tensor(value, dtype="float64") for value in inputs]).numpy()

    def test_conv0_is_recorded_before_the_strips_are_added_to_it(self):
        expected = self.run_layer(f"{UNIT}.conv0", self.values["backbone.block2.0.attn.activation"])
        np.testing.assert_array_equal(self.values[f"{UNIT}.conv0"], expected)

    def test_an_output_that_is_changed_in_place_afterwards_is_recorded_as_it_was(self):
        paddle = load_paddle()

        class InPlace(paddle.nn.Layer):
            def __init__(self):
                super().__init__()
                self.first = paddle.nn.Conv2D(3, 3, 1)

            def forward(self, x):
                return self.first(x).add_(paddle.full([1], 7.0))

        image = np.ones((1, 3, 2, 2), np.float32)
        values = record_probes(InPlace(), image, ["first", "logits"])
        np.testing.assert_allclose(values["logits"] - values["first"], np.full((1, 3, 2, 2), 7), atol=1e-5)

    def test_every_probe_is_float64_and_finite(self):
        for name, values in self.values.items():
            self.assertEqual(values.dtype, np.float64, name)
            self.assertTrue(np.all(np.isfinite(values)), name)

    def test_sublayers_that_are_called_twice_are_no_probes(self):
        self.assertNotIn("backbone.block1.0.mlp.drop", self.names)
        self.assertNotIn("backbone.block2.0.drop_path", self.names)
        self.assertNotIn("backbone.block1", self.names)

    def test_probes_stand_in_the_order_in_which_the_reference_finishes_them(self):
        order = [
            "backbone.patch_embed1.proj.4",
            "backbone.patch_embed1.proj",
            "backbone.patch_embed1",
            f"{UNIT}.conv0",
            f"{UNIT}.dwconvs.0.conv1_1",
            f"{UNIT}.dwconvs.0",
            f"{UNIT}.conv_out",
            UNIT,
            "backbone.norm4",
            "backbone",
            "decode_head.squeeze",
            "decode_head",
            "logits",
        ]
        self.assertEqual([name for name in self.names if name in order], order)

    def test_tokens_are_stored_as_feature_maps(self):
        self.assertEqual(self.values["backbone.block1.0"].shape, (2, 8, 10, 14))
        np.testing.assert_array_equal(self.values["backbone"], self.values["backbone.norm1"])

    def test_replacing_every_probe_by_itself_changes_nothing(self):
        with exact_resize(), draws_from(self.model, recorded_draws(self.case.draws)):
            replaced = record_probes(self.model, self.case.image, self.names, self.values)
        for name, values in self.values.items():
            np.testing.assert_allclose(replaced[name], values, rtol=0, atol=1e-13, err_msg=name)

    def test_a_replaced_probe_is_what_the_next_layer_sees(self):
        name = "backbone.block2.0.attn.activation"
        zeros = {name: np.zeros_like(self.values[name])}
        with draws_from(self.model, recorded_draws(self.case.draws)):
            replaced = record_probes(self.model, self.case.image, self.names, zeros)
        bias = self.layer(f"{UNIT}.conv0").bias.numpy().reshape(1, -1, 1, 1)
        np.testing.assert_array_equal(replaced[f"{UNIT}.conv0"], np.broadcast_to(bias, replaced[f"{UNIT}.conv0"].shape))
        np.testing.assert_array_equal(replaced[name], self.values[name])

    def test_norms_and_gelu_are_exact_in_float64(self):
        activated = np.vectorize(lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))))(
            self.values["backbone.block2.0.attn.proj_1"]
        )
        np.testing.assert_allclose(self.values["backbone.block2.0.attn.activation"], activated, rtol=0, atol=1e-14)
        tokens = self.values["backbone.block2.0"]
        centred = tokens - tokens.mean(axis=1, keepdims=True)
        normed = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + np.float32(1e-5))
        scale, shift = (
            parameter.numpy().reshape(1, -1, 1, 1)
            for parameter in (self.layer("backbone.norm2").weight, self.layer("backbone.norm2").bias)
        )
        np.testing.assert_allclose(self.values["backbone.norm2"], normed * scale + shift, rtol=0, atol=1e-13)

    def test_nmf_is_exact_in_float64(self):
        x = np.maximum(self.values["decode_head.hamburger.ham_in"], 0).reshape(2, 16, -1)
        bases = self.case.draws["decode_head.hamburger.ham.bases"].astype(np.float64)
        bases /= np.sqrt((bases**2).sum(axis=1, keepdims=True))
        coef = np.exp(x.transpose(0, 2, 1) @ bases)
        coef /= coef.sum(axis=2, keepdims=True)
        for _ in range(7):
            coef = coef * (x.transpose(0, 2, 1) @ bases) / (coef @ (bases.transpose(0, 2, 1) @ bases) + 1e-6)
            bases = bases * (x @ coef) / (bases @ (coef.transpose(0, 2, 1) @ coef) + 1e-6)
        coef = coef * (x.transpose(0, 2, 1) @ bases) / (coef @ (bases.transpose(0, 2, 1) @ bases) + 1e-6)
        expected = (bases @ coef.transpose(0, 2, 1)).reshape(self.values["decode_head.hamburger.ham"].shape)
        np.testing.assert_allclose(self.values["decode_head.hamburger.ham"], expected, rtol=0, atol=1e-12)

    def test_missing_unexpected_and_misshapen_weights_are_named(self):
        weights = self.case.weights()
        name = next(iter(list_parameters(self.model)))
        for changed, sentence in (
            ({key: value for key, value in weights.items() if key != name}, f"lacks {name}"),
            ({**weights, "head.extra": weights[name]}, "has the unexpected head.extra"),
            ({**weights, name: weights[name][:1]}, f"{name} has the shape"),
        ):
            with self.assertRaisesRegex(OracleError, sentence):
                set_weights(self.model, changed)

    def test_a_draw_of_another_shape_is_refused(self):
        wrong = {name: draw[:1] for name, draw in self.case.draws.items()}
        with self.assertRaisesRegex(
            OracleError, r"its draw decode_head.hamburger.ham.bases has the shape \[2, 16, 4\]"
        ):
            with draws_from(self.model, recorded_draws(wrong)):
                record_probes(self.model, self.case.image, self.names)

    def test_a_choice_that_matches_nothing_is_refused(self):
        with self.assertRaisesRegex(OracleError, "matches none of the model's"):
            choose_probes(self.names, ["nothing.*"])

    def test_an_unknown_model_is_refused(self):
        with self.assertRaisesRegex(OracleError, "knows no type 'MSCAN_X'"):
            build_model({**SECTION, "backbone": {"type": "MSCAN_X"}}, "float32")


if __name__ == "__main__":
    unittest.main()

"""Training in float64 is exact: gradients, optimiser, schedule, statistics, drop path; and so is its bundle."""

import json
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np

from oracle import seeded
from oracle.check import check_bundle
from oracle.draws import recorded_draws
from oracle.errors import OracleError
from oracle.paddle_draws import draws_from
from oracle.paddle_model import build_model, load_paddle
from oracle.paddle_training import train_reference
from oracle.references import find_reference
from oracle.spec import validate_spec
from oracle.tests.small_training import SPEC
from oracle.train import make_train_bundle, train_case_from_spec
from oracle.train_noise import find_uninformative
from oracle.train_sharpness import measure_training_sharpness
from oracle.verify import verify_bundle

LR = [1e-4, 1e-3]  # the warm-up's start, then the polynomial's


class Training(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.case = train_case_from_spec(find_reference(), SPEC)
        cls.one = replace(cls.case, steps=cls.case.steps[:1])
        cls.weights = {name: values.astype(np.float64) for name, values in cls.case.start.weights().items()}
        cls.first = train_reference(cls.one, "float64")
        cls.both = train_reference(cls.case, "float64")

    def loss_at(self, moved):
        """The loss of the first step with weights moved in float64."""
        start = mock.Mock(wraps=self.case.start, parameters=self.case.start.parameters)

        def built(dtype):
            model = self.case.start.built(dtype)
            for name, tensor in model.state_dict().items():
                if name in moved:
                    tensor.set_value(load_paddle().to_tensor(moved[name], dtype=dtype))
            return model

        start.built = built
        return train_reference(replace(self.one, start=start), "float64").losses[0]

    def test_gradients_agree_with_differences_of_the_loss(self):
        names = list(self.first.grads)
        some = [names[index] for index in range(0, len(names), 5)] + [
            "decode_head.conv_seg.weight",
            "backbone.patch_embed1.proj.0.weight",
        ]
        generator = np.random.default_rng(7)
        for name in some:
            direction = generator.standard_normal(self.weights[name].shape)
            step = 1e-5 / np.sqrt(np.sum(direction**2))
            ahead, back = (self.loss_at({name: self.weights[name] + sign * step * direction}) for sign in (1, -1))
            expected = (ahead - back) / (2 * step)
            scale = np.sqrt(np.sum(self.first.grads[name] ** 2) * np.sum(direction**2))
            self.assertLess(abs(np.sum(self.first.grads[name] * direction) - expected), 1e-6 * scale + 1e-9, name)

    def test_a_batch_in_another_order_leads_to_the_same(self):
        turned = train_reference(self.case, "float64", (2, 0, 1))
        self.assertTrue(np.allclose(turned.losses, self.both.losses, rtol=1e-13, atol=0))
        for name, values in self.both.buffers.items():
            if not name.startswith(("backbone.patch_embed",)):  # theirs follow biases that rounding moves
                np.testing.assert_allclose(turned.buffers[name], values, rtol=1e-9, atol=1e-9, err_msg=name)
        for name in self.both.grads:
            np.testing.assert_allclose(turned.grads[name], self.both.grads[name], rtol=0, atol=1e-12, err_msg=name)

    def test_adamw_keeps_to_its_groups_in_float64(self):
        for name, gradient in self.first.grads.items():
            rate = LR[0] * (10.0 if "head" in name else 1.0)
            decay = 0.0 if "head" not in name and "norm" in name else 0.05
            update = gradient / (np.abs(gradient) + 1e-8)  # both moments are corrected to the gradient itself
            expected = self.weights[name] * (1 - rate * decay) - rate * update
            large = np.abs(gradient) > 1e-12
            np.testing.assert_allclose(
                self.first.params[name][large], expected[large], rtol=0, atol=3e-12, err_msg=name
            )  # a learning rate in float32 would err by 2.5e-11
            self.assertEqual(self.first.params[name].dtype, np.float64)

    def test_momentum_and_coupled_decay_are_exact_in_float64(self):
        section = {"type": "SGD", "momentum": 0.9, "weight_decay": 4e-3}
        run = train_reference(
            replace(self.one, optimizer=section, lr_scheduler={"type": "PolynomialDecay", "learning_rate": 0.1}),
            "float64",
        )
        for name, gradient in run.grads.items():
            expected = self.weights[name] - 0.1 * (
                gradient + np.float64(np.float32(4e-3)) * self.weights[name]
            )  # Paddle keeps the decay in float32
            np.testing.assert_allclose(run.params[name], expected, rtol=0, atol=1e-14, err_msg=name)

    def test_a_gradient_that_is_clipped_by_its_own_norm_is_so_in_float64(self):
        section = {"type": "SGD", "grad_clip_cfg": {"name": "ClipGradByNorm", "clip_norm": 0.05}}
        run = train_reference(
            replace(self.one, optimizer=section, lr_scheduler={"type": "PolynomialDecay", "learning_rate": 0.1}),
            "float64",
        )
        norms = {name: np.linalg.norm(gradient) for name, gradient in run.grads.items()}
        self.assertTrue(min(norms.values()) < 0.05 < max(norms.values()))
        for name, gradient in run.grads.items():
            expected = self.weights[name] - 0.1 * gradient * min(1, 0.05 / norms[name])
            np.testing.assert_allclose(run.params[name], expected, rtol=0, atol=1e-14, err_msg=name)
        alike = train_reference(
            replace(self.one, optimizer=section, lr_scheduler={"type": "PolynomialDecay", "learning_rate": 0.1}),
            "float32",
        )
        for name, values in run.params.items():
            np.testing.assert_allclose(alike.params[name], values, rtol=0, atol=1e-6, err_msg=name)

    def test_learning_rates_are_those_of_each_step(self):
        self.assertEqual(self.both.lr, LR)

    def test_running_statistics_keep_nine_tenths_and_the_biased_variance(self):
        seen, paddle = {}, load_paddle()
        model = self.case.start.built("float64")
        model.train()
        hooks = [
            layer.register_forward_pre_hook(lambda _layer, inputs, name=name: seen.update({name: inputs[0].numpy()}))
            for name, layer in model.named_sublayers()
            if isinstance(layer, paddle.nn.BatchNorm2D)
        ]
        from oracle.paddle_resize import exact_resize

        with exact_resize(), draws_from(model, recorded_draws(self.one.steps[0].draws)):
            model(paddle.to_tensor(self.one.steps[0].image, dtype="float64"))
        self.assertEqual(len(hooks), len(self.first.buffers) // 2)
        for name, x in seen.items():
            for key, statistic in (("_mean", x.mean(axis=(0, 2, 3))), ("_variance", x.var(axis=(0, 2, 3)))):
                expected = 0.9 * self.weights[f"{name}.{key}"] + 0.1 * statistic
                np.testing.assert_allclose(
                    self.first.buffers[f"{name}.{key}"], expected, rtol=1e-12, atol=1e-13, err_msg=name
                )

    def test_flags_drop_and_the_rest_is_scaled(self):
        seen, paddle, step = {}, load_paddle(), self.one.steps[0]
        model = self.case.start.built("float64")
        model.train()
        for name, layer in model.named_sublayers():
            if type(layer).__name__ in ("DropPath", "Dropout2D"):
                layer.register_forward_post_hook(
                    lambda _layer, inputs, output, name=name: seen.setdefault(name, []).append(
                        (inputs[0].numpy(), output.numpy())
                    )
                )
        with draws_from(model, recorded_draws(step.draws)):
            model(paddle.to_tensor(step.image, dtype="float64"))
        self.assertEqual(set(seen), {name for name in step.draws if not name.endswith(".bases")})
        self.assertEqual(
            {name: values.shape for name, values in step.draws.items() if "drop" in name},
            {
                "backbone.block2.0.drop_path": (2, 3),
                "backbone.block3.0.drop_path": (2, 3),
                "backbone.block4.0.drop_path": (2, 3),
                "decode_head.dropout": (1, 3, 16),
            },
        )
        rates = {
            "backbone.block2.0.drop_path": 0.4 / 3,
            "backbone.block3.0.drop_path": 0.8 / 3,
            "backbone.block4.0.drop_path": 0.4,
            "decode_head.dropout": 0.3,
        }
        for name, calls in seen.items():
            for (before, after), flags in zip(calls, step.draws[name], strict=True):
                expected = before * flags.reshape(*flags.shape, *[1] * (before.ndim - flags.ndim)) / (1 - rates[name])
                np.testing.assert_allclose(after, expected, rtol=1e-14, atol=0, err_msg=name)

    def test_some_flags_are_zero_and_steps_differ(self):
        flags = np.concatenate(
            [values.ravel() for step in self.case.steps for name, values in step.draws.items() if "drop" in name]
        )
        self.assertTrue(0 < np.mean(flags == 0) < 0.6)
        for key in ("image", "label"):
            self.assertFalse(np.array_equal(*(getattr(step, key) for step in self.case.steps)))

    def test_labels_are_ignored_in_part(self):
        for step in self.case.steps:
            self.assertEqual(set(np.unique(step.label)), {0, 1, 2, 255})

    def test_a_bias_before_a_batch_norm_is_not_informative(self):
        biases = {
            "backbone.patch_embed1.proj.0.bias",
            "backbone.patch_embed1.proj.3.bias",
            *(f"backbone.patch_embed{stage}.proj.bias" for stage in (2, 3, 4)),
        }
        found = find_uninformative(self.case)
        self.assertEqual(found["grads"], biases)
        self.assertEqual(found["params"], biases)
        self.assertEqual(len(found["buffers"]), 5)
        for name, gradient in self.first.grads.items():
            small = np.max(np.abs(gradient)) < 1e-14
            self.assertEqual(small, name in biases, name)
        momentum = {"type": "SGD", "momentum": 0.9}
        self.assertEqual(find_uninformative(replace(self.case, optimizer=momentum))["params"], set())

    def test_an_unknown_optimiser_and_a_whole_weight_decay_are_refused(self):
        for section in ({"type": "Rprop"}, {"type": "AdamW", "weight_decay": 1}):
            with self.assertRaisesRegex(OracleError, "Cannot build the optimiser"):
                train_reference(replace(self.one, optimizer=section), "float32")


class TrainBundle(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name) / "small"

    def test_a_bundle_keeps_the_contract_and_can_be_made_again(self):
        make_train_bundle(
            find_reference(), SPEC, self.folder, spread_limit=1e9, flip_limit=1e9
        )  # any seed will do here
        self.assertEqual(verify_bundle(find_reference(), self.folder), [])
        self.assertEqual(check_bundle(find_reference(), self.folder), [])
        case = json.loads((self.folder / "case.json").read_text())
        for change, sentence in (
            (
                lambda train_: train_["expect"]["lr"].__setitem__(0, 0.5),
                r"train.expect.lr\[0\] is 0.5; the schedule says 0.0001",
            ),
            (lambda train_: train_["expect"]["loss"].pop(), "train.expect.loss has 1 entries; 2, one a step"),
            (lambda train_: train_["expect"]["grads"].reverse(), "grads do not stand in the order of parameters"),
            (
                lambda train_: train_["expect"]["params"].append(train_["expect"]["buffers"][0]),
                "params: backbone.patch_embed1.proj.1._mean is none of the model's params",
            ),
            (
                lambda train_: train_["steps"][1]["draws"].pop("decode_head.dropout"),
                r"train.steps\[1\].draws have the shapes",
            ),
            (
                lambda train_: train_["steps"][0].update(label=train_["steps"][0]["image"]),
                r"train.steps\[0\].label is float32",
            ),
        ):
            changed = json.loads(json.dumps(case))
            change(changed["train"])
            (self.folder / "case.json").write_text(json.dumps(changed))
            self.assertRegex(" ".join(verify_bundle(find_reference(), self.folder)), sentence)

    def test_faults_of_training_are_brought_to_light_and_the_reference_itself_is_not(self):
        make_train_bundle(find_reference(), SPEC, self.folder, spread_limit=1e9, flip_limit=1e9)
        rows = {row["mutation"]: row for row in measure_training_sharpness(find_reference(), self.folder)}
        none = rows.pop("none")
        self.assertEqual([none[key] for key in ("loss", "grads", "params", "buffers", "first")], [0, 0, 0, 0, "–"])
        self.assertLess(none["multiple"], most_of_a_sample(self.folder, none["worst"]))
        self.assertNotIn("warm-up a step shorter", rows)
        self.assertNotIn("momentum 0.9 → 0.8", rows)
        for name in (
            "running variance unbiased",
            "drop path not scaled",
            "dropout not scaled",
            "NMF steps of evaluation",
            "one flag for both calls of a drop path",
            "ignored pixels counted in the mean",
            "custom_cfg: no lr_mult",
            "custom_cfg: no weight_decay_mult",
            "no weight decay",
            "AdamW → Adam (coupled decay)",
        ):
            self.assertNotEqual(rows[name]["first"], "–", name)
            self.assertGreater(rows[name]["multiple"], 30, name)

    def test_a_seed_whose_runs_disagree_is_refused_and_nothing_is_written(self):
        with self.assertRaisesRegex(OracleError, "one float32 run strays .* times as far"):
            make_train_bundle(find_reference(), SPEC, self.folder, spread_limit=0.5, flip_limit=1e9)
        self.assertEqual(list(self.folder.parent.iterdir()), [])

    def test_a_seed_with_which_the_side_of_a_rectifier_matters_is_refused_and_nothing_is_written(self):
        with (
            mock.patch("oracle.switches.NEAR", 1e3),
            self.assertRaisesRegex(
                OracleError,
                r"with seed 2 \d+ values stand so near to where a rectifier or a choice of pixels switches that .*, "
                r"which moves \w+/\S+ by \S+ times its noise",
            ),
        ):
            make_train_bundle(find_reference(), SPEC, self.folder, spread_limit=1e9, flip_limit=1.0)
        self.assertEqual(list(self.folder.parent.iterdir()), [])


def most_of_a_sample(folder, name):
    """How far the errors at sampled places can stray, in units of the noise. The run is one of those whose noise is
    measured over the whole tensor: at most 1 there, and in a sample at most what it is if all of the error lies in the
    element that is drawn most often.
    """
    kind, parameter = name.split("/", 1)
    rounded = 1 + 1e-3  # the noise is kept to six digits, values to float32
    probe = next(
        (
            probe
            for probe in json.loads((folder / "case.json").read_text())["train"]["expect"][kind]
            if kind != "loss" and probe["name"] == parameter
        ),
        {},
    )
    if "sample" not in probe:
        return rounded
    size, sample = int(np.prod(probe["shape"])), probe["sample"]
    _, repeats = np.unique(
        seeded.sample_positions(sample["seed"], parameter, sample["count"], size), return_counts=True
    )
    return np.sqrt(repeats.max() * size / sample["count"]) * rounded


class Specification(unittest.TestCase):
    def test_fields_that_are_missing_unknown_or_impossible_are_named(self):
        without = {key: value for key, value in SPEC.items() if key != "train"}
        for spec, sentence in (
            (without, r"it lacks \['train'\]"),
            ({**SPEC, "probes": "every"}, r"it has the unknown \['probes'\]"),
            ({**SPEC, "input": {**SPEC["input"], "batch": 2}}, "input.batch is 2; 3 or more"),
            ({**SPEC, "train": {**SPEC["train"], "steps": 0}}, "train.steps is 0"),
            ({**SPEC, "train": {**SPEC["train"], "ignored": 1}}, "train.ignored is 1"),
            ({**SPEC, "train": {**SPEC["train"], "loss": None}}, "train.loss is None"),
            ({**SPEC, "phase": "test"}, "phase is 'test'"),
            ({**SPEC, "model": {"type": "LPSNet"}}, "its model says no num_classes"),
        ):
            with self.assertRaisesRegex(OracleError, sentence):
                validate_spec(spec, "SPEC")

    def test_every_class_of_the_model_can_stand_in_a_label(self):
        case = train_case_from_spec(find_reference(), {**SPEC, "train": {**SPEC["train"], "steps": 1}})
        self.assertEqual(build_model(SPEC["model"], "float32").decode_head.conv_seg.weight.shape[0], 3)
        self.assertEqual(int(case.steps[0].label[case.steps[0].label < 255].max()), 2)


if __name__ == "__main__":
    unittest.main()

"""Loss curves: the envelope, what a step is made of, and that a changed curve is seen."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import yaml

from oracle import seeded
from oracle.curve import check_curve, curve_case, make_curve, read_curve_spec, running_maximum
from oracle.errors import OracleError
from oracle.references import find_reference
from oracle.tests.test_training import SPEC as TRAIN_SPEC

SPEC = {
    "id": "small-curve",
    "model": TRAIN_SPEC["model"],
    "seed": 5,
    "input": {"batch": 4, "height": 33, "width": 40, "ignored": 0.3, "batches": 2},
    "iters": 3,
    **{key: TRAIN_SPEC["train"][key] for key in ("optimizer", "lr_scheduler", "loss")},
}


class Curve(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.write_spec(SPEC)

    def write_spec(self, spec):
        (self.folder / "spec.yml").write_text(yaml.safe_dump(spec))

    def test_a_curve_can_be_made_again_and_a_changed_one_is_seen(self):
        make_curve(find_reference(), self.folder)
        self.assertEqual(check_curve(find_reference(), self.folder), [])
        curve = json.loads((self.folder / "curve.json").read_text())
        self.assertEqual([len(curve[key]) for key in ("lr", "losses", "envelope")], [3, 3, 3])
        self.assertTrue(all(0 < width < 1e-3 for width in curve["envelope"]))
        curve["losses"][1] += 1e-5
        curve["sha256"]["2/label"] = "0" * 64
        (self.folder / "curve.json").write_text(json.dumps(curve))
        self.assertRegex(" ".join(check_curve(find_reference(), self.folder)), r"^sha256 differs. losses\[1\] is")

    def test_steps_are_the_seeded_numbers_that_the_readme_says(self):
        case, draws = curve_case(find_reference(), SPEC)
        for index, step in enumerate(case.steps):
            data, drawn = 5 + 1000 * (index % 2), 5 + 1000 * index
            np.testing.assert_array_equal(
                step.image,
                (4 * seeded.uniform(data, "image", 4 * 3 * 33 * 40) - 2).astype(np.float32).reshape(4, 3, 33, 40),
            )
            classes = np.floor(3 * seeded.uniform(data, "label", 4 * 5 * 5)).reshape(4, 5, 5)
            ignored = seeded.uniform(data, "label.ignored", 4 * 5 * 5).reshape(4, 5, 5)
            for b, y, x in ((0, 0, 0), (1, 32, 39), (2, 7, 8), (3, 8, 7), (3, 31, 32)):
                block = (b, y // 8, x // 8)
                self.assertEqual(step.label[b, y, x], 255 if ignored[block] < 0.3 * (0.5 + b / 3) else classes[block])
            self.assertEqual(list(step.draws), list(draws))
            for name, plan in draws.items():
                numbers = seeded.uniform(drawn, name, int(np.prod(plan["shape"]))).reshape(plan["shape"])
                np.testing.assert_array_equal(
                    step.draws[name],
                    numbers < plan["keep"] if "keep" in plan else numbers.astype(np.float32),
                    err_msg=name,
                )

    def test_the_envelope_never_shrinks(self):
        self.assertEqual(running_maximum([[1.0, 2.5, 3.0], [1.25, 2.0, 3.125]], [1.0, 2.0, 3.0]), [0.25, 0.5, 0.5])

    def test_impossible_specifications_are_refused(self):
        self.write_spec({**SPEC, "input": {**SPEC["input"], "batch": 3}})
        with self.assertRaisesRegex(OracleError, "input.batch is 3; 4 or more"):
            read_curve_spec(self.folder / "spec.yml")
        self.write_spec({**SPEC, "extra": 1})
        with self.assertRaisesRegex(OracleError, "Cannot use"):
            read_curve_spec(self.folder / "spec.yml")


if __name__ == "__main__":
    unittest.main()

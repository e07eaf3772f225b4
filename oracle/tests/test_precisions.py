"""Noise of formats of fewer bits is added to a bundle, and nothing else of it changes."""

import copy
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

from oracle.bundle import read_case, sha256_of
from oracle.check import check_bundle
from oracle.errors import OracleError
from oracle.infer import make_infer_bundle
from oracle.precisions import add_precisions
from oracle.references import find_reference
from oracle.spec import validate_spec
from oracle.tests.small_training import SPEC as TRAIN_SPEC
from oracle.tests.test_bundle import SPEC
from oracle.train import make_train_bundle
from oracle.train_noise import KINDS
from oracle.verify import verify_bundle


def without_precisions(case):
    """A case as it was before."""
    case = copy.deepcopy(case)
    expect = case.get("train", {}).get("expect", {})
    for entry in [*case.get("probes", []), *(entry for kind in (*KINDS, "loss") for entry in expect.get(kind, []))]:
        entry.pop("noise_at", None)
    case["made_by"]["spec"].pop("precisions", None)
    return {**case, "format": "golden-bundle/1"}


class Precisions(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder, self.reference = Path(temporary.name) / "small", find_reference()

    def test_a_forward_pass_gets_noise_by_format_and_all_else_stays(self):
        make_infer_bundle(self.reference, validate_spec(SPEC, "SPEC"), self.folder)
        before, files = read_case(self.folder), self.hashes()
        self.assertEqual(add_precisions(self.reference, self.folder, ["fp16", "tf32"]), (["fp16", "tf32"], []))
        self.assertEqual(add_precisions(self.reference, self.folder, ["bf16"]), (["bf16"], []))
        after = read_case(self.folder)
        self.assertEqual(after["format"], "golden-bundle/2")
        self.assertEqual(after["made_by"]["spec"]["precisions"], ["bf16", "fp16", "tf32"])
        self.assertEqual(without_precisions(after), before)
        self.assertEqual(self.hashes(), files)
        middle = {}
        for precision in ("fp16", "bf16", "tf32"):
            for kind in ("noise", "own_noise"):
                figures = [probe["noise_at"][precision][kind]["rel_rms"] for probe in after["probes"]]
                middle[precision, kind] = np.median(figures)
        self.assertTrue(6 < middle["bf16", "own_noise"] / middle["fp16", "own_noise"] < 10, "three bits fewer")
        self.assertLess(middle["fp16", "own_noise"], middle["fp16", "noise"])
        self.assertLess(middle["tf32", "noise"], middle["fp16", "noise"])
        least = min(probe["noise_at"]["fp16"]["own_noise"]["rel_rms"] for probe in after["probes"])
        self.assertGreater(least, 2.0**-14, "what is put in place of a layer is rounded, too")
        self.assertEqual(verify_bundle(self.reference, self.folder), [])
        self.assertEqual(check_bundle(self.reference, self.folder), [])

    def test_check_sees_another_noise(self):
        spec = validate_spec({**SPEC, "probes": ["logits", "backbone.norm4"]}, "SPEC")
        make_infer_bundle(self.reference, spec, self.folder)
        add_precisions(self.reference, self.folder, ["bf16"])
        path = self.folder / "case.json"
        noise = read_case(self.folder)["probes"][0]["noise_at"]["bf16"]["noise"]["rel_rms"]
        path.write_text(path.read_text().replace(str(noise), str(9 * noise)))
        self.assertRegex(check_bundle(self.reference, self.folder)[0], "has the bf16.noise rel_rms .* a factor of 4")

    def test_a_network_that_overflows_in_fp16_has_no_such_noise(self):
        spec = {**SPEC, "scale": [{"match": "backbone.patch_embed1.proj.0.weight", "by": 1e6}]}
        make_infer_bundle(self.reference, validate_spec(spec, "SPEC"), self.folder)
        added, failures = add_precisions(self.reference, self.folder, ["fp16", "bf16"])
        self.assertEqual(added, ["bf16"])
        self.assertRegex(
            failures[0],
            r"^Cannot compute in fp16: conv2d has the value \S+, which is beyond the format's largest number\. "
            r"The bundle has no noise_at for fp16\.$",
        )
        self.assertEqual({*read_case(self.folder)["probes"][0]["noise_at"]}, {"bf16"})

    def test_another_golden_is_refused(self):
        make_infer_bundle(self.reference, validate_spec(SPEC, "SPEC"), self.folder)
        record = self.reference.record
        with mock.patch.object(
            type(self.reference), "record", lambda _, *of: {k: v + 1 for k, v in record(*of).items()}
        ):
            with self.assertRaisesRegex(OracleError, r"backbone\S+ is \d+ ulp away from what this reference gives"):
                add_precisions(self.reference, self.folder, ["bf16"])

    def test_a_training_gets_noise_of_losses_gradients_parameters_and_statistics(self):
        make_train_bundle(self.reference, TRAIN_SPEC, self.folder, spread_limit=np.inf, flip_limit=np.inf)
        before = read_case(self.folder)
        train, scales = self.reference.train, []

        def watched(_, case, dtype, order=None, precision=None, loss_scale=1.0):
            scales.append(loss_scale)
            return train(case, dtype, order, precision, loss_scale)

        with mock.patch.object(type(self.reference), "train", watched):
            self.assertEqual(add_precisions(self.reference, self.folder, ["fp16"]), (["fp16"], []))
        self.assertEqual(scales[:2], [1.0, 65536.0])
        self.assertEqual(scales[1:], sorted(scales[1:], reverse=True), "it only falls")
        after = read_case(self.folder)
        self.assertEqual(without_precisions(after), before)
        expect = after["train"]["expect"]
        for loss in expect["loss"]:
            self.assertTrue(loss["noise"] < loss["noise_at"]["fp16"] < 0.05 * loss["value"])
        for kind in KINDS:
            ratios = [
                probe["noise_at"]["fp16"]["noise"]["rel_rms"] / max(probe["noise"]["rel_rms"], 2.0**-24)
                for probe in expect[kind]
                if probe.get("informative", True)
            ]
            self.assertGreater(np.median(ratios), 10, kind)
        self.assertEqual(verify_bundle(self.reference, self.folder), [])

    def hashes(self):
        return {path.name: sha256_of(path) for path in self.folder.iterdir() if path.name != "case.json"}


if __name__ == "__main__":
    unittest.main()

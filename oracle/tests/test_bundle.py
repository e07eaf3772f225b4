"""Bundles on disk, specifications, noise: written whole or not at all, and refused in a sentence."""

import json
import tempfile
import unittest
import zlib
from pathlib import Path

import numpy as np

from oracle.bundle import BundleWriter, read_array, render_case
from oracle.check import check_bundle, ulps_apart
from oracle.errors import OracleError
from oracle.images import make_image
from oracle.infer import make_infer_bundle, write_image
from oracle.noise import measure_noise
from oracle.references import find_reference
from oracle.spec import validate_spec
from oracle.verify import verify_bundle

SPEC = {
    "id": "small",
    "model": {
        "type": "SegNeXt",
        "backbone": {"type": "MSCAN", "embed_dims": [8, 8, 16, 16], "depths": [1, 1, 1, 1], "mlp_ratios": [2, 2, 2, 2]},
        "num_classes": 3,
        "decoder_cfg": {"channels": 16, "ham_channels": 16, "num_groups": 4, "ham_kwargs": {"MD_R": 4}},
    },
    "seed": 2,
    "input": {"batch": 1, "height": 40, "width": 56, "image": "noise"},
    "sample": {"above": 2000, "count": 64},
}


class Bundle(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def test_a_bundle_keeps_the_contract_and_can_be_made_again(self):
        make_infer_bundle(find_reference(), validate_spec(SPEC, "SPEC"), self.folder / "small")
        self.assertEqual(verify_bundle(find_reference(), self.folder / "small"), [])
        self.assertEqual(check_bundle(find_reference(), self.folder / "small"), [])

    def test_verify_and_check_see_a_changed_golden(self):
        make_infer_bundle(
            find_reference(),
            validate_spec({**SPEC, "probes": ["logits", "backbone.norm4"]}, "SPEC"),
            self.folder / "small",
        )
        probes = dict(np.load(self.folder / "small/probes.npz"))
        probes["backbone.norm4"] *= np.float32(1 + 1e-6)
        np.savez(self.folder / "small/probes.npz", **probes)
        self.assertIn("probes.npz is not what its hash says.", verify_bundle(find_reference(), self.folder / "small"))
        self.assertRegex(
            " ".join(check_bundle(find_reference(), self.folder / "small")), r"probe backbone.norm4 is \d+ ulp away"
        )

    def test_nothing_is_left_of_a_bundle_that_was_not_finished(self):
        with self.assertRaises(ZeroDivisionError), BundleWriter(self.folder / "half") as writer:
            writer.write_array("image.npy", np.zeros(3))
            _ = 1 / 0
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_bundle_that_exists_is_replaced_only_by_force(self):
        for value in (1, 2):
            with BundleWriter(self.folder / "one", force=value == 2) as writer:
                writer.write_array("image.npy", np.full(1, value))
                writer.finish({"made_by": {}})
        self.assertEqual(read_array(self.folder / "one", {"file": "image.npy"}).tolist(), [2])
        with self.assertRaisesRegex(OracleError, "it exists already; --force replaces it"):
            BundleWriter(self.folder / "one")

    def test_a_folder_that_is_no_bundle_is_never_replaced(self):
        (self.folder / "mine").mkdir()
        with self.assertRaisesRegex(OracleError, "it is not a bundle"):
            BundleWriter(self.folder / "mine", force=True)

    def test_equal_arrays_are_stored_once(self):
        with BundleWriter(self.folder / "one") as writer:
            references = writer.write_arrays(
                "a.npz", {"first": np.ones(3), "second": np.ones(3), "third": np.ones((3, 1))}
            )
        self.assertEqual([reference["key"] for reference in references.values()], ["first", "first", "third"])

    def test_case_json_is_json_whatever_its_depth(self):
        case = {"a": {"b": [{"name": "x" * 200, "c": [1] * 200}], "d": {}}, "e": []}
        self.assertEqual(json.loads(render_case(case)), case)

    def test_a_reference_never_leaves_its_folder(self):
        with self.assertRaisesRegex(OracleError, "it leaves the bundle"):
            read_array(self.folder, {"file": "../other.npy"})

    def test_an_unknown_field_of_a_specification_is_named(self):
        with self.assertRaisesRegex(OracleError, r"it has the unknown \['sampel'\]"):
            validate_spec({**SPEC, "sampel": None}, "SPEC")
        with self.assertRaisesRegex(OracleError, "input.height is 0; a whole number from 1 is wanted"):
            validate_spec({**SPEC, "input": {**SPEC["input"], "height": 0}}, "SPEC")

    def test_noise_is_relative_to_the_goldens_rms(self):
        golden = np.array([3.0, 4.0], np.float32)
        noise = measure_noise("x", golden + np.array([0.5, 0.0], np.float32), golden)
        self.assertAlmostEqual(noise["rel_rms"], 0.5 / 5, places=6)
        self.assertAlmostEqual(noise["max_over_rms"], 0.5 / np.sqrt(12.5), places=6)

    def test_noise_is_never_nan(self):
        self.assertEqual(measure_noise("x", np.zeros(3), np.zeros(3)), {"rel_rms": 0.0, "max_over_rms": 0.0})
        for actual, golden in (
            (np.ones(3), np.zeros(3)),
            (np.full(3, np.nan), np.ones(3)),
            (np.ones(3), np.full(3, np.inf)),
        ):
            with self.assertRaisesRegex(OracleError, "Cannot measure the noise of x"):
                measure_noise("x", actual, golden)

    def test_ulps_are_counted_across_zero_and_nan_is_far(self):
        one = np.float32(1)
        self.assertEqual(ulps_apart(np.array([np.nextafter(one, np.float32(2))]), np.array([one])), 1)
        self.assertEqual(ulps_apart(np.array([-one, one]), np.array([-one, one])), 0)
        self.assertGreater(ulps_apart(np.array([np.float32("nan")]), np.array([one])), 1)

    def test_pictures_are_eight_bit_levels_and_the_same_everywhere(self):
        image = make_image("picture", 15, 1, 64, 96)
        levels = (image * np.float32(0.229) + np.float32(0.485))[:, 0] * 255
        self.assertLess(float(np.max(np.abs(levels - np.round(levels)))), 1e-3)
        self.assertTrue(0 <= levels.min() and levels.max() <= 255.001)

    def test_mosaics_are_squares_of_sixteen_levels_that_deflate_well(self):
        image = make_image("mosaic", 15, 2, 64, 96)
        self.assertEqual((image.shape, image.dtype), ((2, 3, 64, 96), np.float32))
        self.assertEqual(len(np.unique(image[:, 0])), 16)
        squares = image[..., ::5, ::5]
        self.assertTrue(np.array_equal(image, squares.repeat(5, 2).repeat(5, 3)[..., :64, :96]))
        self.assertGreater(len(np.unique(squares[0, 0], axis=0)), 12, "no row of squares is like another")
        self.assertFalse(np.array_equal(image[0], image[1]))
        self.assertLess(30 * len(zlib.compress(image)), image.nbytes)

    def test_an_image_is_written_in_c_order_however_it_lies_in_memory(self):
        photograph = make_image("picture", 15, 1, 64, 96)
        for image in (photograph, np.zeros((1, 3, 64, 96), np.float32)):
            turned = np.ascontiguousarray(image.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
            with BundleWriter(self.folder / "turned") as writer:
                reference = write_image(writer, turned)
                self.assertTrue(np.array_equal(read_array(writer.folder, reference), image))


if __name__ == "__main__":
    unittest.main()

"""The draws of the transforms' goldens: PaddleSeg takes exactly what is given. Needs oracle/requirements-data.txt."""

import importlib.util
import json
import random
import unittest
from pathlib import Path

import numpy as np

from oracle.errors import OracleError
from oracle.transform_cases import draw_inputs, list_cases
from oracle.transforms import apply_reference, file_of, hash_of

HAS_OPENCV = importlib.util.find_spec("cv2") is not None


class Cases(unittest.TestCase):
    def test_names_are_unique_within_a_transform(self):
        names = [(case["transform"]["type"], case["name"]) for case in list_cases()]
        self.assertEqual(len(names), len(set(names)))

    def test_inputs_are_drawn_alike_every_time(self):
        for name, parts in draw_inputs().items():
            for part, values in parts.items():
                np.testing.assert_array_equal(values, draw_inputs()[name][part])

    def test_files_are_named_as_typescript_names_them(self):
        self.assertEqual(file_of("RandomPaddingCrop"), "random-padding-crop")


class Stored(unittest.TestCase):
    folder = Path(__file__).parents[2] / "fixtures" / "transforms"

    def test_every_array_has_the_hash_that_stands_in_cases_json(self):
        hashes = json.loads((self.folder / "cases.json").read_text(encoding="utf-8"))["arrays_sha256"]
        self.assertEqual(
            sorted(hashes), sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.npz"))
        )
        for name, expected in hashes.items():
            with np.load(self.folder / name) as arrays:
                self.assertEqual(hash_of(dict(arrays)), expected, name)

    def test_cases_are_those_of_the_program(self):
        stored = json.loads((self.folder / "cases.json").read_text(encoding="utf-8"))["cases"]
        self.assertEqual(
            [{key: case[key] for key in case if key != "trans_info"} for case in stored], list(list_cases())
        )


@unittest.skipUnless(HAS_OPENCV, "not run: OpenCV is not installed (oracle/requirements-data.txt)")
class Draws(unittest.TestCase):
    photo = draw_inputs()["photo"]

    def test_draws_that_are_left_over_are_refused(self):
        with self.assertRaisesRegex(OracleError, "1 were not drawn"):
            apply_reference({"type": "RandomPaddingCrop", "crop_size": [48, 32]}, {"offsets": [[0]]}, self.photo)

    def test_offsets_that_paddleseg_never_draws_are_refused(self):
        with self.assertRaisesRegex(OracleError, "PaddleSeg draws below 17"):
            apply_reference({"type": "RandomPaddingCrop", "crop_size": [24, 16]}, {"offsets": [[17, 0]]}, self.photo)

    def test_random_numbers_are_put_back(self):
        before = (random.random, np.random.uniform, np.random.shuffle)
        apply_reference({"type": "RandomHorizontalFlip"}, {"flip": True}, self.photo)
        self.assertEqual(before, (random.random, np.random.uniform, np.random.shuffle))

    def test_paddleseg_puts_the_label_into_the_images_place(self):
        # Why the goldens of category_max_ratio are read from a field beside the image: see apply_reference.
        from paddleseg.transforms import RandomPaddingCrop

        data = {"img": self.photo["image"], "label": self.photo["label"], "trans_info": [], "gt_fields": ["label"]}
        data = RandomPaddingCrop(crop_size=(40, 30), category_max_ratio=0.999)(data)
        self.assertEqual(data["img"].shape, (30, 40))
        np.testing.assert_array_equal(data["img"], data["label"])


if __name__ == "__main__":
    unittest.main()

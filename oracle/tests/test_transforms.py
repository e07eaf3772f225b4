"""The draws of the transforms' goldens: PaddleSeg takes exactly what is given; it needs oracle/requirements-data.txt."""

import importlib.util
import random
import unittest

import numpy as np

from oracle.errors import OracleError
from oracle.transforms import apply_reference, draw_inputs, file_of, list_cases

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

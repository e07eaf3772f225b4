"""oracle/npz.py: what numpy reads back, and bytes that do not depend on the time."""

import tempfile
import unittest
from pathlib import Path

import numpy as np

from oracle.npz import write_npz


class WriteNpz(unittest.TestCase):
    def test_arrays_come_back_with_their_shapes_and_types(self):
        arrays = {
            "a/b": np.arange(6, dtype="<f4").reshape(2, 3).T,
            "scalar": np.asarray(3.0),
            "empty": np.zeros((0, 2), "u1"),
        }
        with tempfile.TemporaryDirectory() as folder:
            write_npz(Path(folder) / "x.npz", arrays)
            with np.load(Path(folder) / "x.npz") as found:
                self.assertEqual(found.files, list(arrays))
                for name, values in arrays.items():
                    np.testing.assert_array_equal(found[name], values)
                    self.assertEqual((found[name].dtype, found[name].shape), (values.dtype, values.shape))
                    self.assertTrue(found[name].flags.c_contiguous)

    def test_equal_arrays_give_equal_bytes(self):
        arrays = {"a": np.arange(1000, dtype="<f4")}
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / "x.npz", Path(folder) / "y.npz"]
            for path in paths:
                write_npz(path, arrays)
            self.assertEqual(paths[0].read_bytes(), paths[1].read_bytes())


if __name__ == "__main__":
    unittest.main()

"""VAN of paddleclas: a classifier by itself, and within a network a backbone of four normed maps."""

import unittest

import numpy as np

from oracle.paddle_model import build_model, load_paddle, versions
from oracle.paddle_mutations import list_mutations
from oracle.paddle_probes import record_probes
from oracle.paddle_weights import list_parameters

BACKBONE = {"type": "VAN_B0", "drop_path_rate": 0.1, "pretrained": "https://example.org/never.pdparams"}
NETWORK = {
    "type": "SegNeXt",
    "backbone": BACKBONE,
    "num_classes": 3,
    "decoder_cfg": {"channels": 16, "ham_channels": 16, "num_groups": 4, "ham_kwargs": {"MD_R": 4}},
}
IMAGE = np.random.default_rng(1).standard_normal((2, 3, 33, 61)).astype(np.float32)


class Van(unittest.TestCase):
    def test_the_backbone_gives_the_normed_map_of_each_stage(self):
        model = build_model(NETWORK, "float32").backbone
        self.assertEqual(model.feat_channels, [32, 64, 160, 256])
        maps = model(load_paddle().to_tensor(IMAGE))
        self.assertEqual(
            [list(each.shape) for each in maps], [[2, 32, 9, 16], [2, 64, 5, 8], [2, 160, 3, 4], [2, 256, 2, 2]]
        )
        norms = record_probes(model, IMAGE, [f"norm{stage}" for stage in range(1, 5)])
        for each, norm in zip(maps, norms.values()):
            np.testing.assert_array_equal(each.numpy(), norm)

    def test_a_classifier_is_the_mean_of_the_last_map_and_a_linear_layer(self):
        model = build_model({"type": "VAN_B0", "class_num": 5}, "float32")
        self.assertEqual(list(list_parameters(model).items())[-2:], [("head.weight", [256, 5]), ("head.bias", [5])])
        values = record_probes(model, IMAGE, ["norm4", "head", "logits"])
        expected = values["norm4"].mean(axis=(2, 3)) @ model.head.weight.numpy() + model.head.bias.numpy()
        np.testing.assert_allclose(values["logits"], expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(values["logits"], values["head"])

    def test_what_a_golden_says_of_its_libraries(self):
        self.assertIn("paddleclas 2.6.0", versions(NETWORK)["model_library"])
        self.assertNotIn("paddleclas", versions({"type": "LPSNet"})["model_library"])

    def test_faults_act_where_they_can(self):
        names = ("gaps in the large kernel 3 → 1", "layer norm epsilon 1e-6 → 1e-5", "align_corners flipped")
        faults = [mutation for mutation in list_mutations() if mutation.name in names]
        for section, acting in ((NETWORK, 3), ({"type": "VAN_B0", "class_num": 5}, 2)):
            found = [mutation.apply(build_model(section, "float32")) for mutation in faults]
            self.assertEqual(sum(found), acting)


if __name__ == "__main__":
    unittest.main()

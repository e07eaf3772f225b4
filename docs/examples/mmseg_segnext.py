"""mmsegmentation 1.2.2's SegNeXt as one torch.nn.Module, of the `model:` section of a PaddleSeg yml.

Its two files are loaded by themselves: mmsegmentation as a whole wants mmcv with compiled operators, which no layer
here calls. docs/witnesses.md says what to install.
"""

import importlib.util
import sys
import types
from os.path import join

import torch
from torch.nn.functional import interpolate

FOLDER = importlib.util.find_spec("mmseg").submodule_search_locations[0]

# Widths and depths of mmsegmentation's configs/segnext; PaddleSeg has them in the classes of these names.
SIZES = {
    "MSCAN_T": ([32, 64, 160, 256], [3, 3, 5, 2]),
    "MSCAN_S": ([64, 128, 320, 512], [2, 2, 4, 2]),
    "MSCAN_B": ([64, 128, 320, 512], [3, 3, 12, 3]),
    "MSCAN_L": ([64, 128, 320, 512], [3, 5, 27, 3]),
}

# PaddleSeg's names of what `ham_kwargs` holds, and mmsegmentation's.
KEYS = {
    "MD_S": "MD_S",
    "MD_R": "MD_R",
    "TRAIN_STEPS": "train_steps",
    "EVAL_STEPS": "eval_steps",
    "RAND_INIT": "rand_init",
}


def _package(name, **attributes):
    """A package of mmsegmentation's without its __init__.py, which imports everything."""
    package = types.ModuleType(name)
    package.__path__ = [join(FOLDER, *name.split(".")[1:])]
    vars(package).update(attributes)
    sys.modules[name] = package


def _no_loss(*_arguments, **_options):
    return torch.nn.Identity()


for _name in ("mmseg", "mmseg.models", "mmseg.models.backbones", "mmseg.models.decode_heads"):
    _package(_name)
# What training alone uses.
_package("mmseg.structures", build_pixel_sampler=None)
_package("mmseg.utils", ConfigType=dict, SampleList=list)
_package("mmseg.models.builder", build_loss=_no_loss)
_package("mmseg.models.losses", accuracy=None)
_package("mmseg.models.utils")

from mmseg.models.utils import wrappers  # noqa: E402

sys.modules["mmseg.models.utils"].resize = wrappers.resize

from mmseg.models.backbones.mscan import MSCAN  # noqa: E402
from mmseg.models.decode_heads.ham_head import LightHamHead  # noqa: E402


class SegNeXt(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        decoder = model["decoder_cfg"]
        ham = decoder["ham_kwargs"]
        widths, depths = SIZES[model["backbone"]["type"]]
        self.align_corners = decoder["align_corners"]
        self.backbone = MSCAN(
            embed_dims=widths, mlp_ratios=[8, 8, 4, 4], depths=depths, norm_cfg={"type": "BN", "requires_grad": True}
        )
        self.decode_head = LightHamHead(
            in_channels=widths[1:],
            in_index=[1, 2, 3],
            channels=decoder["channels"],
            ham_channels=decoder["ham_channels"],
            ham_kwargs={KEYS[key]: value for key, value in ham.items()},
            dropout_ratio=decoder["dropout_rate"],
            num_classes=model["num_classes"],
            norm_cfg={"type": "GN", "num_groups": 32, "requires_grad": True},
            align_corners=self.align_corners,
        )

        if not ham.get("RAND_INIT", True):  # mmsegmentation makes them in the first forward, after weights are loaded
            groups = ham.get("MD_S", 1)
            bases = torch.zeros(groups, decoder["ham_channels"] // groups, ham["MD_R"])
            self.decode_head.hamburger.ham.register_buffer("bases", bases)

    def forward(self, image):
        low = self.decode_head(self.backbone(image))
        return interpolate(low, image.shape[2:], mode="bilinear", align_corners=self.align_corners)

"""VAN of paddleclas: its classifiers, and its stages as backbones of PaddleSeg's networks.

van.py is loaded alone: paddleclas itself imports some ten libraries that no forward pass uses.
"""

import functools
import importlib.metadata
import importlib.util
import sys
import types
from pathlib import Path

from oracle.errors import OracleError

PACKAGE = "paddleclas"
NAMES = ("VAN_B0", "VAN_B1", "VAN_B2", "VAN_B3")


def uses_van(section):
    """Whether a `model:` section has VAN in it."""
    return section.get("type") in NAMES or any(uses_van(part) for part in section.values() if isinstance(part, dict))


def van_version():
    return f"{PACKAGE} {importlib.metadata.version(PACKAGE)}"


def register_van(manager):
    """Adds VAN to PaddleSeg's lists of models and of backbones."""
    if NAMES[0] in manager.BACKBONES.components_dict:
        return
    classifiers, staged = _load_van(), _load_van()
    staged.VAN = _stages_of(staged.VAN)  # what its functions VAN_B0, … then build
    manager.MODELS.add_component([getattr(classifiers, name) for name in NAMES])
    manager.BACKBONES.add_component([_without_head(getattr(staged, name)) for name in NAMES])


def _stages_of(van):
    class VanStages(van):
        """Gives the normed map [b, c, h, w] of each stage, as SegNeXt takes them from MSCAN."""

        def __init__(self, *, embed_dims, **arguments):
            super().__init__(embed_dims=embed_dims, **arguments)
            self.feat_channels = embed_dims

        def forward(self, x):
            maps = []
            for stage in range(1, self.num_stages + 1):
                x, height, width = getattr(self, f"patch_embed{stage}")(x)
                for block in getattr(self, f"block{stage}"):
                    x = block(x)
                tokens = getattr(self, f"norm{stage}")(x.flatten(2).transpose([0, 2, 1]))
                x = tokens.transpose([0, 2, 1]).reshape([tokens.shape[0], tokens.shape[2], height, width])
                maps.append(x)
            return maps

    return VanStages


def _without_head(build):
    @functools.wraps(build)
    def built(**arguments):
        return build(class_num=0, **arguments)

    return built


def _load_van():
    """A new module of van.py. What it imports from its package loads weights, which nothing here asks for."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None:
        raise OracleError(
            f"Cannot build VAN: {PACKAGE} is not installed. Fix: pip install --no-deps -r oracle/requirements.txt"
        )
    path = Path(found.submodule_search_locations[0], "ppcls/arch/backbone/model_zoo/van.py")
    root = "oracle_van"
    loader = types.ModuleType(f"{root}.utils.save_load")
    loader.load_dygraph_pretrain = None
    sys.modules.setdefault(loader.__name__, loader)
    for package in (root, f"{root}.utils"):
        sys.modules.setdefault(package, types.ModuleType(package)).__path__ = []
    spec = importlib.util.spec_from_file_location(f"{root}.arch.backbone.model_zoo.van", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

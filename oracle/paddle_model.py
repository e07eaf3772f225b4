"""The reference itself: networks of PaddleSeg and VAN of paddleclas, on PaddlePaddle, from the `model:` section of a
yml.
"""

import importlib
import importlib.util
import sys
import types
import warnings

from oracle.errors import OracleError
from oracle.paddle_hamburger import replace_hamburger
from oracle.paddle_van import register_van, uses_van, van_version
from oracle.spec import without_pretrained

# What PaddleSeg imports when it is loaded and no forward pass calls. Where one is installed, it is used.
UNUSED_MODULES = ("cv2", "filelock", "prettytable", "requests", "scipy", "sklearn", "tqdm", "visualdl")


def load_paddle():
    """PaddlePaddle, on the CPU."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import paddle
    paddle.set_device("cpu")
    return paddle


def load_paddleseg():
    """PaddleSeg, with inert modules in the places of the heavy ones that are not installed."""
    load_paddle()
    _stand_in_for_unused_modules()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("paddleseg")


def build_model(section, dtype):
    """The network of a `model:` section in evaluation mode, its parameters of `dtype` ("float32" or "float64").

    `pretrained` is never followed: a bundle's weights stand in the bundle.
    """
    load_paddleseg()
    from paddleseg.cvlibs import manager

    lists = (manager.MODELS, manager.BACKBONES)
    if uses_van(section):
        register_van(manager)
    model = _build_component(without_pretrained(section), "model", lists)
    replace_hamburger(model, section)
    model.to(dtype=dtype)
    model.eval()
    return model


def versions(section=None):
    """Which reference this is, for `made_by` of what a network of this `model:` section gives."""
    paddle = load_paddle()
    libraries = [f"paddleseg {load_paddleseg().__version__}"]
    if section is not None and uses_van(section):
        libraries.append(van_version())
    return {"framework": f"paddlepaddle {paddle.__version__}", "model_library": ", ".join(libraries)}


def _build_component(section, field, lists):
    """Of the first of `lists` that knows its type: VAN_B0 is a classifier by itself, and a backbone in a network."""
    inner = lists[::-1]
    arguments = {key: _build_value(value, f"{field}.{key}", inner) for key, value in section.items() if key != "type"}
    kind = section.get("type")
    for registry in lists:
        if kind in registry.components_dict:
            try:
                return registry[kind](**arguments)
            except (TypeError, ValueError, KeyError, AssertionError) as error:
                raise OracleError(
                    f"Cannot build {field} of type {kind}: {error}; PaddleSeg's arguments are wanted."
                ) from error
    raise OracleError(
        f"Cannot build {field}: PaddleSeg knows no type {kind!r}; one of its models or backbones is wanted."
    )


def _build_value(value, field, lists):
    if isinstance(value, dict) and "type" in value:
        return _build_component(value, field, lists)
    if isinstance(value, list):
        return [_build_value(item, f"{field}[{index}]", lists) for index, item in enumerate(value)]
    return value


def require_opencv(purpose):
    """PaddleSeg's data pipeline is OpenCV's. To be asked before it is loaded: a loader that fails in its thread leaves
    the training waiting for ever.
    """
    if "cv2" in sys.modules or importlib.util.find_spec("cv2") is not None:
        if not isinstance(sys.modules.get("cv2"), _InertModule):
            return
    raise OracleError(
        f"Cannot {purpose}: OpenCV is not installed. Fix: pip install --no-deps -r oracle/requirements-data.txt"
    )


def _stand_in_for_unused_modules():
    for name in UNUSED_MODULES:
        if name not in sys.modules and importlib.util.find_spec(name) is None:
            sys.meta_path.append(_InertFinder(name))


class _InertFinder:
    """Imports `name` and all below it as modules whose every attribute is an object that fails when it is called."""

    def __init__(self, name):
        self.name = name

    def find_spec(self, fullname, path=None, target=None):
        if fullname == self.name or fullname.startswith(self.name + "."):
            return importlib.util.spec_from_loader(fullname, self, is_package=True)
        return None

    def create_module(self, spec):
        return _InertModule(spec.name)

    def exec_module(self, module):
        module.__path__ = []


class _InertModule(types.ModuleType):
    def __getattr__(self, attribute):
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return _Unused(f"{self.__name__}.{attribute}")


class _Unused:
    def __init__(self, name):
        self._name = name

    def __call__(self, *_arguments, **_options):
        raise OracleError(f"Cannot call {self._name}: it is not installed; no forward pass was thought to need it.")

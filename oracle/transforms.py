"""Goldens of PaddleSeg's transforms: what each does to a small picture, with the draws of its random numbers given.

python -m oracle.transforms make fixtures/transforms     (needs oracle/requirements-data.txt)
python -m oracle.transforms check fixtures/transforms

A folder holds `cases.json`, one .npz per transform with the arrays `<case>/image` (height, width, channels; float32)
and `<case>/label` (height, width; uint8), `inputs.npz`, and `decode/` with small image files and what OpenCV and Pillow
read from them.
"""

import argparse
import contextlib
import hashlib
import importlib
import json
import re
import sys
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np

from oracle.errors import OracleError
from oracle.npz import write_npz
from oracle.paddle_model import load_paddle, load_paddleseg, versions
from oracle.transform_cases import draw_inputs, list_cases
from oracle.transform_files import make_decode


def make_transforms(folder):
    """Writes the whole folder."""
    folder = Path(folder)
    (folder / "decode").mkdir(parents=True, exist_ok=True)
    inputs = draw_inputs()
    files = {"inputs": {f"{name}/{part}": values for name, parts in inputs.items() for part, values in parts.items()}}
    cases = list(list_cases())
    for case in cases:
        sample = apply_reference(case["transform"], case["draws"], inputs[case["input"]])
        case["trans_info"] = [
            {"kind": kind, "height": int(size[0]), "width": int(size[1])} for kind, size in sample["trans_info"]
        ]
        arrays = files.setdefault(file_of(case["transform"]["type"]), {})
        arrays[f"{case['name']}/image"] = sample["img"]
        arrays[f"{case['name']}/label"] = sample["label"]
    files["decode/decode"] = make_decode(folder / "decode")
    files["sampler"] = make_sampler()
    for name, arrays in files.items():
        write_npz(folder / f"{name}.npz", {key: np.ascontiguousarray(values) for key, values in arrays.items()})
    # The hash of what was read or computed, not of the zip: zlib's output depends on the machine.
    hashes = {f"{name}.npz": hash_of(arrays) for name, arrays in sorted(files.items())}
    made_by = {**versions(), **library_versions(), "command": "python -m oracle.transforms make fixtures/transforms"}
    record = {"cases": cases, "arrays_sha256": hashes, "made_by": made_by}
    (folder / "cases.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def check_transforms(folder):
    """The arrays that differ from those made again now: none, if all is well."""
    folder = Path(folder)
    differences = []
    with tempfile.TemporaryDirectory() as temporary:
        make_transforms(temporary)
        for path in sorted(Path(temporary).rglob("*.npz")):
            name = path.relative_to(temporary)
            with np.load(path) as again, np.load(folder / name) as stored:
                if sorted(again) != sorted(stored):
                    differences.append(f"{name}: other arrays")
                    continue
                differences += [f"{name}[{key}]" for key in again if not np.array_equal(again[key], stored[key])]
    return differences


def apply_reference(section, draws, source):
    """PaddleSeg's own transform, which draws `draws`. Gives a dict with `img`, `label` and `trans_info`."""
    load_paddleseg()
    module = importlib.import_module("paddleseg.transforms.transforms")
    arguments = {key: value for key, value in section.items() if key != "type"}
    transform = getattr(module, section["type"])(**arguments)
    image, label = source["image"].copy(), source["label"].copy()
    # With category_max_ratio below 1, PaddleSeg 2.8.0 puts the *label's* window into data['img'] where it accepts one,
    # and does not crop the image at all where it accepts none. Fields beside the image are cropped by the window that
    # it chose.
    through_field = section["type"] == "RandomPaddingCrop" and section.get("category_max_ratio", 1) < 1
    data = {
        "img": image,
        "label": label,
        "photo": image.copy(),
        "trans_info": [],
        "gt_fields": ["label", "photo"] if through_field else ["label"],
    }
    with scripted(section, draws):
        data = transform(data)
    if through_field:
        data["img"] = data["photo"]
    return data


@contextlib.contextmanager
def scripted(section, draws):
    """Gives out `draws` where PaddleSeg draws. What is left over, or missing, is an error."""
    kind, queue = section["type"], []
    patches = {}
    if kind == "ResizeStepScaling":
        queue = [draws["scale"]] if section["min_scale_factor"] != section["max_scale_factor"] else []
        patches = {
            "numpy.random.uniform": lambda *_: queue.pop(0),
            "numpy.random.shuffle": lambda values: _put_first(values, queue.pop(0)),
        }
    elif kind == "RandomPaddingCrop":
        queue = [value for offset in draws["offsets"] for value in offset]
        patches = {"numpy.random.randint": lambda _low, high: _below(queue.pop(0), high)}
    elif kind in ("RandomHorizontalFlip", "RandomVerticalFlip"):
        queue = [0.0 if draws["flip"] else 1.0]
        patches = {"random.random": lambda: queue.pop(0)}
    elif kind == "RandomDistort":
        queue = [value for step in draws["steps"] for value in (0.0, step["amount"])]
        order = [step["operation"] for step in draws["steps"]]
        patches = {
            "random.shuffle": lambda operations: _order_by_name(operations, order),
            "numpy.random.uniform": lambda *_: queue.pop(0) if queue else 1.0,
        }
    with contextlib.ExitStack() as stack:
        for name, replacement in patches.items():
            stack.enter_context(mock.patch(name, replacement))
        yield
    if queue:
        raise OracleError(f"Cannot use the draws of {kind}: {len(queue)} were not drawn.")


def _put_first(values, first):
    values.insert(0, values.pop(values.index(first)))


def _below(value, high):
    if not 0 <= value < high:
        raise OracleError(f"Cannot use the offset {value}: PaddleSeg draws below {high} here.")
    return value


def _order_by_name(operations, order):
    rest = [operation for operation in operations if operation.__name__ not in order]
    operations[:] = [next(operation for operation in operations if operation.__name__ == name) for name in order] + rest


def make_sampler():
    """NumPy's numbers and shuffles, and batches of Paddle's DistributedBatchSampler; names hold their arguments."""
    paddle = load_paddle()
    arrays = {}
    for seed in (0, 1, 7, 4294967295):
        order = list(range(1000))
        np.random.RandomState(seed).shuffle(order)
        arrays[f"shuffle/{seed}"] = np.asarray(order, np.int32)
    for seed in ([0], [3, 1, 4], [4294967295, 0, 12345], list(range(700))):
        random = np.random.RandomState(seed)
        name = f"list/{len(seed)}/{seed[0]}"
        arrays[f"{name}/uniform"] = np.asarray([random.uniform(-2, 3) for _ in range(400)])
        arrays[f"{name}/below-10"] = np.asarray([random.randint(0, 10) for _ in range(400)], np.int32)
    for count, batch, ranks, drop_last in (
        (10, 3, 1, True),
        (10, 3, 1, False),
        (11, 2, 2, True),
        (11, 2, 2, False),
        (62, 4, 4, True),
        (3, 2, 8, False),
        (1, 2, 1, True),
        (17, 5, 3, False),
    ):
        for rank in range(ranks):
            for shuffle in (False, True):
                sampler = paddle.io.DistributedBatchSampler(range(count), batch, ranks, rank, shuffle, drop_last)
                for epoch in range(3):
                    batches = list(sampler)
                    flat = [index for indices in batches for index in indices]
                    name = f"batches/{count}/{batch}/{ranks}/{rank}/{int(shuffle)}/{int(drop_last)}/{epoch}"
                    arrays[name] = np.asarray([len(batches), *flat], np.int32)
    return arrays


def file_of(kind):
    """`RandomPaddingCrop` is in random-padding-crop.npz."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind).lower()


def hash_of(arrays):
    digest = hashlib.sha256()
    for key in sorted(arrays):
        values = np.ascontiguousarray(arrays[key])
        digest.update(repr((key, values.shape, values.dtype.str)).encode() + values.tobytes())
    return digest.hexdigest()


def library_versions():
    import cv2
    import PIL

    return {"opencv": cv2.__version__, "pillow": PIL.__version__, "numpy": np.__version__}


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m oracle.transforms",
        description="Makes the goldens of the data pipeline, or makes them again and compares.",
    )
    parser.add_argument("action", choices=("make", "check"))
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    try:
        import cv2  # noqa: F401
    except ImportError:
        print(
            "Cannot make goldens of transforms: OpenCV is not installed. Fix: pip install --no-deps -r "
            "oracle/requirements-data.txt",
            file=sys.stderr,
        )
        return 3
    if options.action == "make":
        make_transforms(options.folder)
        return 0
    differences = check_transforms(options.folder)
    for difference in differences:
        print(f"{difference} differs from what is made now")
    return 1 if differences else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Goldens of PaddleSeg's transforms: what each does to a small picture, with the draws of its random numbers given.

python -m oracle.transforms make fixtures/transforms     (needs oracle/requirements-data.txt)
python -m oracle.transforms check fixtures/transforms

A folder holds `cases.json`, one .npz per transform with the arrays `<case>/image` (height, width, channels; float32) and
`<case>/label` (height, width; uint8), `inputs.npz`, and `decode/` with small image files and what OpenCV and Pillow read from them.
"""

import argparse
import contextlib
import hashlib
import importlib
import json
import re
import struct
import sys
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np

from oracle.errors import OracleError
from oracle.reference import load_paddle, load_paddleseg, versions

DISTORTIONS = ("brightness", "contrast", "saturation", "sharpness", "hue")
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


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
        np.savez_compressed(
            folder / f"{name}.npz", **{key: np.ascontiguousarray(values) for key, values in arrays.items()}
        )
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


def draw_inputs():
    """Small pictures: `photo` has whole numbers, `scaled` fractions and a grey border, as after a resize and a padding; `grey` one channel."""
    random = np.random.RandomState(20)
    rows, columns = np.mgrid[0:32, 0:48]
    smooth = np.stack([128 + 120 * np.sin(rows / 5 + columns / 9 + phase) for phase in (0, 2, 4)], axis=-1)
    photo = np.clip(np.round(smooth + random.normal(0, 12, smooth.shape)), 0, 255)
    photo[:4, :8] = random.choice([0, 255], (4, 8, 3))  # pure colours, and greys without a hue
    photo[4:8, :8] = random.randint(0, 256, (4, 8, 1))
    label = (rows // 8 + columns // 12) % 5
    label[:, 32:] = 3
    label[20:26, 30:40] = 255
    photo, label = photo.astype(np.float32), label.astype(np.uint8)
    scaled = np.full((40, 56, 3), 127.5, np.float32)
    scaled[:36, :52] = photo[np.arange(36) * 32 // 36][:, np.arange(52) * 48 // 52] * np.float32(0.97) + np.float32(3.7)
    scaled_label = np.full((40, 56), 255, np.uint8)
    scaled_label[:36, :52] = label[np.arange(36) * 32 // 36][:, np.arange(52) * 48 // 52]
    return {
        "photo": {"image": photo, "label": label},
        "scaled": {"image": scaled, "label": scaled_label},
        "grey": {"image": photo[:, :, 1].copy(), "label": label},
    }


def list_cases():
    """name, transform, draws and input of every case."""
    for kind, arguments, variants in CASES:
        for name, draws, source in variants:
            yield {"name": name, "transform": {"type": kind, **arguments}, "draws": draws, "input": source}


def _steps(*pairs):
    return {"steps": [{"operation": operation, "amount": amount} for operation, amount in pairs]}


def _plain(name, source="photo"):
    return [(name, {}, source)]


CASES = (
    (
        "ResizeStepScaling",
        {"min_scale_factor": 0.5, "max_scale_factor": 2.0, "scale_step_size": 0.25},
        [(f"step-{scale}", {"scale": scale}, "photo") for scale in (0.5, 0.75, 1.0, 1.25, 1.75, 2.0)]
        + [("step-scaled", {"scale": 1.25}, "scaled"), ("step-grey", {"scale": 0.75}, "grey")],
    ),
    (
        "ResizeStepScaling",
        {"min_scale_factor": 0.5, "max_scale_factor": 2.0, "scale_step_size": 0},
        [("any-0.678", {"scale": 0.678}, "photo"), ("any-1.9301", {"scale": 1.9301}, "photo")],
    ),
    ("ResizeStepScaling", {"min_scale_factor": 1.5, "max_scale_factor": 1.5}, [("fixed", {"scale": 1.5}, "photo")]),
    (
        "RandomPaddingCrop",
        {"crop_size": [24, 16]},
        [("crop", {"offsets": [[9, 17]]}, "photo"), ("crop-corner", {"offsets": [[16, 24]]}, "photo")],
    ),
    ("RandomPaddingCrop", {"crop_size": [48, 32]}, [("untouched", {"offsets": []}, "photo")]),
    ("RandomPaddingCrop", {"crop_size": [60, 20]}, [("pad-right", {"offsets": [[5, 0]]}, "photo")]),
    (
        "RandomPaddingCrop",
        {"crop_size": [64, 40], "im_padding_value": 100, "label_padding_value": 7},
        [("pad-both", {"offsets": [[0, 0]]}, "photo"), ("pad-grey", {"offsets": [[0, 0]]}, "grey")],
    ),
    (
        "RandomPaddingCrop",
        {"crop_size": [16, 12], "category_max_ratio": 0.75, "loop_times": 3},
        [
            ("ratio-first", {"offsets": [[4, 6]]}, "photo"),
            ("ratio-third", {"offsets": [[1, 31], [20, 32], [10, 9]]}, "photo"),
            ("ratio-never", {"offsets": [[1, 31], [2, 32], [0, 30], [3, 31]]}, "photo"),
        ],
    ),
    (
        "RandomPaddingCrop",
        {"crop_size": [10, 8], "category_max_ratio": 0.75},
        [("ratio-ignored", {"offsets": [[20, 32], [10, 9]]}, "photo")],
    ),  # the first window shows one class and what is ignored
    (
        "RandomHorizontalFlip",
        {},
        [
            ("flipped", {"flip": True}, "photo"),
            ("kept", {"flip": False}, "photo"),
            ("flipped-grey", {"flip": True}, "grey"),
        ],
    ),
    ("RandomVerticalFlip", {"prob": 0.3}, [("flipped", {"flip": True}, "photo"), ("kept", {"flip": False}, "photo")]),
    (
        "RandomDistort",
        {},
        [("nothing", _steps(), source) for source in ("scaled",)]
        + [(f"brightness-{amount}", _steps(("brightness", amount)), "photo") for amount in (0.5, 0.8731, 1.4999)]
        + [(f"contrast-{amount}", _steps(("contrast", amount)), "photo") for amount in (0.5, 0.9, 1.37)]
        + [(f"saturation-{amount}", _steps(("saturation", amount)), "photo") for amount in (0.55, 1.0, 1.4321)]
        + [(f"hue-{amount}", _steps(("hue", amount)), "photo") for amount in (-18.0, -7.3, -0.5, 0.0, 0.99, 17.61)]
        + [("all", _steps(("hue", 11.1), ("contrast", 1.2), ("saturation", 0.7), ("brightness", 1.3)), "scaled")]
        + [
            (
                "all-other-order",
                _steps(("brightness", 1.3), ("saturation", 0.7), ("contrast", 1.2), ("hue", 11.1)),
                "scaled",
            )
        ]
        + [("grey-all", _steps(("saturation", 1.3), ("brightness", 0.8), ("contrast", 1.4)), "grey")],
    ),
    (
        "RandomDistort",
        {"sharpness_prob": 0.5},
        [
            ("sharpness-0.5", _steps(("sharpness", 0.5)), "photo"),
            ("sharpness-1.5", _steps(("sharpness", 1.5)), "photo"),
            ("sharpness-hue", _steps(("sharpness", 1.31), ("hue", -4.4)), "scaled"),
            ("grey-sharpness", _steps(("sharpness", 1.5)), "grey"),
        ],
    ),
    ("Normalize", {}, [("half", {}, "photo"), ("half-grey", {}, "grey")]),
    ("Normalize", {"mean": MEAN, "std": STD}, [("imagenet", {}, "photo"), ("imagenet-scaled", {}, "scaled")]),
    ("Resize", {"target_size": [64, 40]}, _plain("larger")),
    ("Resize", {"target_size": [31, 23]}, _plain("smaller") + _plain("smaller-grey", "grey")),
    ("Resize", {"target_size": [24, 16]}, _plain("half")),
    ("Resize", {"target_size": [48, 32]}, _plain("same")),
    ("Resize", {"target_size": [50, 30], "keep_ratio": True}, _plain("keep-ratio")),
    ("Resize", {"target_size": [50, 30], "keep_ratio": True, "size_divisor": 16}, _plain("divisor")),
    ("Resize", {"target_size": [77, 19], "interp": "NEAREST"}, _plain("nearest")),
    ("ResizeByLong", {"long_size": 37}, _plain("long-37")),
    ("ResizeByLong", {"long_size": 75}, _plain("long-75")),
    ("ResizeByShort", {"short_size": 25}, _plain("short-25")),
    ("ResizeByShort", {"short_size": 60, "max_size": 71}, _plain("short-limited")),
    ("ResizeByShort", {"short_size": 60, "max_size": 70}, _plain("short-limited-down")),
    ("LimitLong", {"max_long": 40}, _plain("limit-max")),
    ("LimitLong", {"min_long": 61}, _plain("limit-min")),
    ("LimitLong", {"max_long": 50, "min_long": 40}, _plain("limit-none")),
    ("Padding", {"target_size": [50, 40]}, _plain("pad") + _plain("pad-grey", "grey")),
    ("Padding", {"target_size": [48, 33], "im_padding_value": 1, "label_padding_value": 0}, _plain("pad-value")),
)


def apply_reference(section, draws, source):
    """PaddleSeg's own transform, its random numbers replaced by `draws`. A dict with `img`, `label` and `trans_info`."""
    load_paddleseg()
    module = importlib.import_module("paddleseg.transforms.transforms")
    arguments = {key: value for key, value in section.items() if key != "type"}
    transform = getattr(module, section["type"])(**arguments)
    image, label = source["image"].copy(), source["label"].copy()
    # With category_max_ratio below 1, PaddleSeg 2.8.0 puts the *label's* window into data['img'] where it accepts one, and does
    # not crop the image at all where it accepts none. Fields beside the image are cropped by the window that it chose.
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


def make_decode(folder):
    """Writes small image files, and gives what OpenCV (image, RGB) and Pillow (label) read from them."""
    import cv2
    from PIL import Image

    photo = draw_inputs()["photo"]
    rgb, label = photo["image"].astype(np.uint8), photo["label"]
    small = np.where(label == 255, 4, label).astype(np.uint8)
    palette = [value for colour in np.random.RandomState(3).randint(0, 256, (256, 3)) for value in colour]
    images = {
        "rgb.png": Image.fromarray(rgb),
        "rgba.png": Image.fromarray(np.dstack([rgb, small * 60])),
        "grey.png": Image.fromarray(rgb[:, :, 0]),
        "palette.png": _with_palette(Image.fromarray(small), palette),
        "photo.jpg": Image.fromarray(rgb),
        "grey.jpg": Image.fromarray(rgb[:, :, 0]),
        "turned.jpg": Image.fromarray(rgb),
    }
    labels = {
        "label-grey.png": (Image.fromarray(label), {}),
        "label-palette-8.png": (_with_palette(Image.fromarray(label), palette), {}),
        "label-palette-4.png": (_with_palette(Image.fromarray(small), palette[: 16 * 3]), {"bits": 4}),
        "label-palette-2.png": (_with_palette(Image.fromarray(small % 4), palette[: 4 * 3]), {"bits": 2}),
        "label-palette-1.png": (_with_palette(Image.fromarray(small[:, :45] % 2), palette[: 2 * 3]), {"bits": 1}),
        "label-bilevel.png": (Image.fromarray(small[:, :45] % 2 == 1), {}),
    }
    arrays = {}
    for name, image in images.items():
        options = {"quality": 90} if name.endswith(".jpg") else {}
        if name == "turned.jpg":
            exif = Image.Exif()
            exif[0x0112] = 6  # orientation: turn by 90 degrees clockwise
            options["exif"] = exif
        image.save(folder / name, **options)
        arrays[name] = cv2.cvtColor(cv2.imread(str(folder / name), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        arrays[f"{name}/grey"] = cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE)
    deep = np.random.RandomState(16).randint(0, 65536, (32, 48, 3)).astype(np.uint16)
    cv2.imwrite(str(folder / "deep.png"), deep[:, :, ::-1])  # 16 bits, of which OpenCV reads the upper 8
    arrays["deep.png"] = cv2.cvtColor(cv2.imread(str(folder / "deep.png"), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    draw_formats(folder, rgb[4:16, :18], deep[:12, :18])
    for path in sorted(folder.glob("kind-*")):
        arrays[path.name] = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        arrays[f"{path.name}/grey"] = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    for name, (image, options) in labels.items():
        image.save(folder / name, **options)
        arrays[name] = np.asarray(Image.open(folder / name)).astype(np.uint8)
    Image.fromarray(label.astype(np.uint16) * 257).save(folder / "label-16.png")
    Image.fromarray(rgb).save(folder / "label-rgb.png")
    return arrays


def draw_formats(folder, rgb, deep):
    """Tiny pictures of the kinds that BMP, TIFF, WebP and PNG have: all are called `kind-…`."""
    import cv2
    from PIL import Image

    picture, grey = Image.fromarray(rgb), Image.fromarray(rgb[:, :, 0])
    alpha = deep[:, :, 0].astype(np.uint8)
    with_alpha, few = Image.fromarray(np.dstack([rgb, alpha])), picture.quantize(12)
    turned = Image.Exif()
    turned[0x0112] = 6
    for name, (image, options) in {
        "rgb.bmp": (picture, {}),
        "grey.bmp": (grey, {}),
        "palette.bmp": (picture.quantize(40), {}),
        "bilevel.bmp": (grey.point(lambda v: 255 * (v > 128)).convert("1"), {}),
        "rgb.tif": (picture, {}),
        "lzw.tif": (picture, {"compression": "tiff_lzw"}),
        "grey.tif": (grey, {}),
        "palette.tif": (few, {}),
        "bilevel.tif": (grey.point(lambda v: 255 * (v > 128)).convert("1"), {}),
        "alpha.tif": (with_alpha, {}),
        "grey-alpha.tif": (with_alpha.convert("LA"), {}),
        "upside-down.tif": (picture, {"tiffinfo": {274: 3}}),
        "two-pages.tif": (picture, {"save_all": True, "append_images": [picture.rotate(180)]}),
        "lossless.webp": (picture, {"lossless": True}),
        "lossy.webp": (picture, {"quality": 80}),
        "alpha.webp": (with_alpha, {"lossless": True}),
        "turned.webp": (picture, {"lossless": True, "exif": turned}),
        "turned.png": (picture, {"exif": turned}),
        "grey-alpha.png": (with_alpha.convert("LA"), {}),
        "grey-16.png": (Image.fromarray(deep[:, :, 0]), {}),
        "few.png": (few, {"bits": 4}),
    }.items():
        image.save(folder / f"kind-{name}", **options)
    cv2.imwrite(str(folder / "kind-rgb-16.tif"), deep[:, :, ::-1])
    Image.fromarray(deep[:, :, 0]).save(folder / "kind-grey-16.tif")
    height, width = alpha.shape
    rows = {
        4: (alpha & 15, 4),
        8: (alpha & 31, 8),
        16: (deep[:, :, 0], 16),
        24: (rgb[:, :, ::-1], 24),
        32: (np.dstack([rgb[:, :, ::-1], alpha]), 32),
    }
    palette = np.hstack([deep[0, :16, ::-1] >> 8, np.zeros((16, 1))]).astype(np.uint8).tobytes()
    small, masks = (
        _bmp_header("IiiHHIIIIII", 40),
        {"555": (0x7C00, 0x3E0, 0x1F), "565": (0xF800, 0x7E0, 0x1F), "32": (0xFF0000, 0xFF00, 0xFF)},
    )
    for name, bits, header in (
        ("4", 4, small(width, height, 1, 4, 0, 0, 0, 0, 0, 0) + palette),
        ("short-palette", 8, small(width, height, 1, 8, 0, 0, 0, 0, 16, 0) + palette),
        ("16", 16, small(width, height, 1, 16, 0, 0, 0, 0, 0, 0)),
        ("555", 16, small(width, height, 1, 16, 3, 0, 0, 0, 0, 0) + struct.pack("<3I", *masks["555"])),
        ("565", 16, small(width, height, 1, 16, 3, 0, 0, 0, 0, 0) + struct.pack("<3I", *masks["565"])),
        ("32", 32, small(width, height, 1, 32, 0, 0, 0, 0, 0, 0)),
        ("32-masks", 32, small(width, height, 1, 32, 3, 0, 0, 0, 0, 0) + struct.pack("<3I", *masks["32"])),
        ("top-down", 24, small(width, -height, 1, 24, 0, 0, 0, 0, 0, 0)),
        ("os2", 24, _bmp_header("IHHHH", 12)(width, height, 1, 24)),
    ):
        (folder / f"kind-{name}.bmp").write_bytes(_bmp(header, *rows[bits], upwards=name != "top-down"))


def _bmp_header(layout, size):
    return lambda *values: struct.pack(f"<{layout}", size, *values)


def _bmp(header, values, bits, upwards):
    """A BMP of these headers and this palette: rows are filled up to four bytes."""
    lines = []
    for row in values[::-1] if upwards else values:
        line = (
            np.packbits(np.unpackbits(row[:, None].astype(np.uint8), axis=1)[:, 4:]).tobytes()
            if bits == 4
            else row.tobytes()
        )
        lines.append(line + bytes(-len(line) % 4))
    body = b"".join(lines)
    return struct.pack("<2sIHHI", b"BM", 14 + len(header) + len(body), 0, 0, 14 + len(header)) + header + body


def make_sampler():
    """NumPy's numbers and shuffles, and the batches of Paddle's DistributedBatchSampler, by the arguments in their names."""
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


def _with_palette(image, palette):
    image.putpalette(palette)
    return image


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
            "Cannot make goldens of transforms: OpenCV is not installed. Fix: pip install --no-deps -r oracle/requirements-data.txt",
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

"""The pictures, transforms and draws that oracle/transforms.py makes goldens of."""

import numpy as np

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def draw_inputs():
    """Small pictures: `photo` has whole numbers, `scaled` fractions and a grey border, as after a resize and a padding;
    `grey` one channel.
    """
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


def list_cases():
    """name, transform, draws and input of every case."""
    for kind, arguments, variants in CASES:
        for name, draws, source in variants:
            yield {"name": name, "transform": {"type": kind, **arguments}, "draws": draws, "input": source}

"""Eval goldens: what PaddleSeg's inference gives on a data set in each mode of testing (docs/eval-goldens.md)."""

import json
import os
import platform
from pathlib import Path

import numpy as np

from oracle import GENERATOR, seeded
from oracle.bundle import render_case, sha256_of
from oracle.draws import NORMAL
from oracle.errors import OracleError
from oracle.infer import first_pass
from oracle.noise import measure_noise, rms
from oracle.npz import write_npz
from oracle.paddle_draws import draws_from
from oracle.paddle_model import build_model, load_paddle, load_paddleseg, versions
from oracle.paddle_precision import exact_run
from oracle.paddle_weights import read_pdparams, set_weights
from oracle.references import find_reference
from oracle.user_golden import model_section, read_config

FORMAT = "eval-golden/1"
GOLDEN_FILE, ARRAYS_FILE = "golden.json", "golden.npz"
BASES = {"scheme": seeded.SCHEME, "seed": 5, "name": "bases"}
LOGITS_SEED, LOGITS_COUNT = 7, 1024
CLOSE_BELOW = (
    0.01  # of the logits' rms: some ten thousand times the noise, so that any port worth the name stays within
)
MODES = {
    "single": {},
    "flip": {"aug_eval": True, "scales": 1.0, "flip_horizontal": True},
    "ms+flip": {"aug_eval": True, "scales": [0.75, 1.0, 1.25], "flip_horizontal": True},
}


def make_eval_golden(folder, config_name, weights_name, dataset_root, class_names, slide=None, identity=None):
    """Writes golden.json and golden.npz into `folder`, which holds the yml and the weights. `slide`: (crop, stride),
    each [w, h].
    """
    folder = Path(folder)
    config = read_config(folder / config_name)
    section = model_section(config, config_name)
    classes = section["num_classes"]
    if len(class_names) != classes:
        raise OracleError(
            f"Cannot name the classes of {config_name}: {len(class_names)} names are given; {classes} are wanted."
        )
    modes = {
        **MODES,
        **({} if slide is None else {"slide": {"is_slide": True, "crop_size": slide[0], "stride": slide[1]}}),
    }
    dataset = _open_dataset(config, folder / dataset_root)
    runs = {dtype: _loaded(section, folder / weights_name, dtype) for dtype in ("float64", "float32")}
    arrays, images, found, drawn = {}, [], {name: [] for name in modes}, []
    for index in range(len(dataset)):
        sample = dataset[index]
        label = np.asarray(sample["label"]).reshape(np.asarray(sample["label"]).shape[-2:])
        images.append(
            {"name": _name(dataset, index, folder / dataset_root), "height": label.shape[0], "width": label.shape[1]}
        )
        for name, options in modes.items():
            with exact_run():
                exact = infer(runs["float64"], sample, options, "float64", drawn)
            rounded = infer(runs["float32"], sample, options, "float32")
            found[name].append(
                _predict(f"{name}/{index}", exact, rounded, label, classes, dataset.ignore_index, arrays)
            )
    write_npz(folder / ARRAYS_FILE, arrays)
    text = render_case(
        {
            "format": FORMAT,
            "id": identity or folder.name,
            "config": config_name,
            "dataset_root": dataset_root,
            "weights": weights_name,
            **({"bases": BASES} if drawn else {}),
            "classes": classes,
            "class_names": class_names,
            "ignore_index": dataset.ignore_index,
            "images": images,
            "arrays": ARRAYS_FILE,
            "modes": [
                {"name": name, "options": modes[name], **measure(found[name]), "images": found[name]} for name in modes
            ],
            "sha256": {name: sha256_of(folder / name) for name in (ARRAYS_FILE, config_name, weights_name)},
            "made_by": {
                "generator": GENERATOR,
                **versions(),
                "dtype": "float64",
                "model": " ".join(part["type"] for part in (section, section.get("backbone")) if part),
                "python": platform.python_version(),
                "numpy": np.__version__,
            },
        }
    )
    (folder / GOLDEN_FILE).write_text(text, encoding="utf-8")


def infer(model, sample, options, dtype, drawn=None):
    """The averaged logits [classes, h, w] of one sample of a PaddleSeg data set, the same bases in every forward.
    The names of what it draws are added to `drawn`.
    """
    paddle = load_paddle()
    from paddleseg.core import infer as reference

    image = paddle.to_tensor(np.asarray(sample["img"])[None], dtype=dtype)
    trans_info = [([kind], list(size)) for kind, size in sample["trans_info"]]
    arguments = {key: value for key, value in options.items() if key != "aug_eval"}
    run = reference.aug_inference if options.get("aug_eval") else reference.inference

    def same_bases(name, _call, shape, keep):
        if drawn is not None:
            drawn.append(name)
        numbers = seeded.normal if keep is NORMAL else seeded.uniform
        return numbers(BASES["seed"], BASES["name"], int(np.prod(shape))).reshape(shape).astype(np.float32)

    with paddle.no_grad(), draws_from(model, same_bases):
        _, logits = run(model, image, trans_info=trans_info, **arguments)
    return logits.numpy()[0]


def measure(images):
    """mIoU (an absent class counts 1, as in PaddleSeg's repository), Acc, Kappa and Dice over all images."""
    confusion = np.sum([image["confusion"] for image in images], axis=0).astype(np.float64)
    hits, labels, predictions, total = np.diag(confusion), confusion.sum(1), confusion.sum(0), confusion.sum()
    union = labels + predictions - hits
    ious = np.where(union == 0, 1.0, hits / np.maximum(union, 1))
    dices = np.where(labels + predictions == 0, 0.0, 2 * hits / np.maximum(labels + predictions, 1))
    agreement, chance = hits.sum() / total, (labels * predictions).sum() / total**2
    return {
        "mIoU": float(ious.mean()),
        "Acc": float(agreement),
        "Kappa": float((agreement - chance) / (1 - chance)),
        "Dice": float(dices.mean()),
    }


def check_eval_golden(folder):
    """Sentences about what differs when the golden's first and last image are made again; none when all is well."""
    folder, problems = Path(folder), []
    kept = json.loads((folder / GOLDEN_FILE).read_text(encoding="utf-8"))
    config = read_config(folder / kept["config"])
    section = model_section(config, kept["config"])
    dataset = _open_dataset(config, folder / kept["dataset_root"])
    model = _loaded(section, folder / kept["weights"], "float64")
    with np.load(folder / kept["arrays"]) as arrays:
        for mode in kept["modes"]:
            for index in sorted({0, len(dataset) - 1}):
                key = f"{mode['name']}/{index}"
                with exact_run():
                    logits = infer(model, dataset[index], mode["options"], "float64")
                if not np.array_equal(np.argmax(logits, axis=0), arrays[f"{key}/labels"]):
                    problems.append(f"The labels of {key} differ.")
                distance = np.max(np.abs(_sampled(key, logits) - arrays[f"{key}/logits"]))
                if not distance <= 1e-6 * mode["images"][index]["logits_rms"]:
                    problems.append(f"The logits of {key} differ by {distance}.")
    return problems


def _loaded(section, weights, dtype):
    model = build_model(section, dtype)
    first_pass(find_reference(), model, np.zeros((1, 3, 64, 64), np.float32), {})
    set_weights(model, read_pdparams(weights), weights)
    model.eval()
    return model


def _open_dataset(config, root):
    from paddleseg.cvlibs import manager
    from paddleseg.transforms import Normalize  # noqa: F401 — registers the transforms

    load_paddleseg()
    section = {**config["val_dataset"], "dataset_root": str(root)}
    transforms = [
        manager.TRANSFORMS[step["type"]](**{key: value for key, value in step.items() if key != "type"})
        for step in section.pop("transforms")
    ]
    return manager.DATASETS[section.pop("type")](transforms=transforms, **section)


def _name(dataset, index, root):
    return Path(os.path.relpath(dataset.file_list[index][0], root)).as_posix()


def _sampled(key, logits):
    return logits.ravel()[seeded.sample_positions(LOGITS_SEED, key, LOGITS_COUNT, logits.size)]


def _predict(key, exact, rounded, label, classes, ignored, arrays):
    labels = np.argmax(exact, axis=0)
    best, second = np.sort(exact, axis=0)[::-1][:2]
    margin, scale = (best - second).ravel(), rms(exact)
    close = np.flatnonzero(margin < CLOSE_BELOW * scale)
    kept = margin[close].astype(np.float32)
    above = kept > margin[close]
    kept[above] = np.nextafter(kept[above], np.float32(0))
    arrays[f"{key}/labels"] = labels.astype(np.uint8)
    arrays[f"{key}/close"] = close.astype(np.int32)
    arrays[f"{key}/margins"] = kept
    arrays[f"{key}/logits"] = _sampled(key, exact).astype(np.float32)
    counted = label != ignored
    confusion = np.bincount(
        label[counted].astype(np.int64) * classes + labels[counted], minlength=classes * classes
    ).reshape(classes, classes)
    return {
        "confusion": confusion.tolist(),
        "logits_rms": scale,
        "noise": measure_noise(key, rounded, exact),
        "close_below": CLOSE_BELOW,
    }

"""A bundle of a user's own PaddleSeg configuration, weights and picture."""

from pathlib import Path

from oracle.bundle import BundleWriter, sha256_of
from oracle.errors import OracleError
from oracle.images import make_image, read_photo
from oracle.infer import loaded_case, run_infer, seeded_case, write_infer_bundle
from oracle.paddle_model import load_paddleseg
from oracle.references import find_reference
from oracle.spec import without_pretrained

# PaddleSeg's Normalize without arguments.
DEFAULT_MEAN = DEFAULT_STD = (0.5,)


def make_user_bundle(
    config_path, destination, *, weights=None, image=None, size=None, probes="every", sample=None, seed=1, force=False
):
    """Makes a bundle of phase "infer".

    weights: a .pdparams file, loaded strictly, or None for seeded ones. image: a picture file, or None for a seeded
    image of `size` (height, width). Nothing that `pretrained` says is followed.
    """
    reference = find_reference()
    with BundleWriter(destination, force) as writer:
        config = read_config(config_path)
        section = model_section(config, config_path)
        pixels = (
            make_image("noise", seed, 1, *size)
            if image is None
            else read_photo(image, *normalisation(config, config_path))
        )
        case = (
            seeded_case(reference, section, pixels, seed)
            if weights is None
            else loaded_case(reference, section, pixels, reference.read_weights(weights), seed, weights)
        )
        goldens = run_infer(case, probes, sample)
        height, width = pixels.shape[2:]
        identity = f"{Path(config_path).stem}-infer-{height}x{width}-s{seed}"
        sources = {"config": config_path, "weights": weights, "image": image}
        made_by = {
            key: {"file": Path(path).name, "sha256": sha256_of(path)}
            for key, path in sources.items()
            if path is not None
        }
        write_infer_bundle(writer, identity, case, goldens, sample, made_by)


def read_config(path):
    """A PaddleSeg yml with its `_base_` files merged in, by PaddleSeg's own rules."""
    load_paddleseg()
    import yaml
    from paddleseg.cvlibs.config import parse_from_yaml

    try:
        config = parse_from_yaml(str(path))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, AttributeError) as error:
        raise OracleError(
            f"Cannot read {path}: {' '.join(str(error).split())}; a PaddleSeg configuration is wanted."
        ) from error
    if not isinstance(config, dict) or not isinstance(config.get("model"), dict):
        raise OracleError(f"Cannot read {path}: it has no `model:` section; a PaddleSeg configuration is wanted.")
    return config


def model_section(config, subject):
    """The `model:` section without `pretrained`; `num_classes` comes from the data set where the section lacks it."""
    section = without_pretrained(config["model"])
    if "num_classes" not in section:
        section["num_classes"] = _num_classes(config, subject)
    return section


def normalisation(config, subject):
    """(mean, std) of the Normalize step of `val_dataset`."""
    transforms = config.get("val_dataset", {}).get("transforms", [])
    steps = [step for step in transforms if isinstance(step, dict) and step.get("type") == "Normalize"]
    if len(steps) != 1:
        raise OracleError(
            f"Cannot normalise the picture: val_dataset of {subject} has {len(steps)} Normalize steps; one is wanted."
        )
    return tuple(steps[0].get("mean", DEFAULT_MEAN)), tuple(steps[0].get("std", DEFAULT_STD))


def _num_classes(config, subject):
    from paddleseg.cvlibs import manager

    for field in ("train_dataset", "val_dataset"):
        dataset = config.get(field, {})
        if "num_classes" in dataset:
            return dataset["num_classes"]
        if dataset.get("type") in manager.DATASETS.components_dict:
            classes = getattr(manager.DATASETS[dataset["type"]], "NUM_CLASSES", None)
            if classes is not None:
                return classes
    raise OracleError(f"Cannot use {subject}: neither its model nor its data sets say num_classes.")

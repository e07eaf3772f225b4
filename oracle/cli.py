"""The command line of the oracle: python -m oracle <command>."""

import argparse
import sys
import traceback
from pathlib import Path

from oracle.errors import OracleError

SAMPLE = {"above": 65536, "count": 4096}  # of `golden`: with every probe of MSCAN_T they come to some 10 MB at any size


def main(arguments=None):
    """Runs one command; 0 when all is well, 1 when a check found a difference, 2 when the user can mend it, 3 when the oracle itself failed."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except OracleError as error:
        print(error, file=sys.stderr)
        return 2
    except Exception:  # not 1, which says that a bundle differs
        traceback.print_exc()
        return 3


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m oracle",
        description="Makes golden bundles from the real PaddlePaddle and PaddleSeg, and checks them.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="<command>")
    _add_make(commands)
    _add_seeds(commands)
    _add_curve(commands)
    _add_train(commands)
    _add_street(commands)
    _add_eval_golden(commands)
    _add_golden(commands)
    _add_verify(commands)
    _add_check(commands)
    _add_sharpness(commands)
    return parser


def _add_make(commands):
    command = commands.add_parser(
        "make",
        help="make the bundles that specifications describe",
        description="Makes a bundle for each specification, in a folder named as the specification's file is.",
    )
    command.add_argument(
        "specs",
        nargs="+",
        type=Path,
        metavar="SPEC",
        help="a bundle specification, such as oracle/bundles/segnext-t.yml",
    )
    command.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="the folder that the bundles' folders go into, such as fixtures/golden",
    )
    command.add_argument("--force", action="store_true", help="replace bundles that exist")
    command.set_defaults(run=_make)


def _make(options):
    from oracle.infer import make_infer_bundle
    from oracle.references import find_reference
    from oracle.spec import read_spec
    from oracle.train import make_train_bundle

    specs = {path: read_spec(path) for path in options.specs}
    for path, spec in specs.items():
        destination = options.out / path.stem
        make = {"infer": make_infer_bundle, "train": make_train_bundle}[spec["phase"]]
        make(find_reference(), spec, destination, options.force)
        print(f"{destination}: {_megabytes(destination):.2f} MB", flush=True)
    return 0


def _add_seeds(commands):
    command = commands.add_parser(
        "seeds",
        help="find seeds that a train bundle can use",
        description="Trains with one seed after another and says whose float32 runs agree about their own noise and leave no rectifier in doubt.",
    )
    command.add_argument("spec", type=Path, metavar="SPEC", help="a bundle specification of phase train")
    command.add_argument("--from", dest="first", type=_seed, default=1, metavar="N", help="the first seed (default: 1)")
    command.add_argument("--count", type=int, default=8, metavar="N", help="how many are tried (default: 8)")
    command.set_defaults(run=_seeds)


def _seeds(options):
    from oracle.references import find_reference
    from oracle.spec import read_spec
    from oracle.train import UnfairSeed, run_training, train_case_from_spec

    spec = read_spec(options.spec)
    if spec["phase"] != "train":
        raise OracleError(f"Cannot try seeds of {options.spec}: its phase is {spec['phase']}; train is wanted.")
    for seed in range(options.first, options.first + options.count):
        try:
            goldens = run_training(train_case_from_spec(find_reference(), {**spec, "seed": seed}))
        except UnfairSeed as unfair:
            print(f"{seed}: not used; {unfair}", flush=True)
            continue
        spread, flips = goldens.spread, goldens.flips
        print(
            f"{seed}: good; the furthest run stands {spread.ratio:.3g} times as far as the next ({spread.figure} of {spread.probe}), "
            f"{flips.count} values near to a jump of the gradient move {flips.probe} by {flips.ratio:.3g} times its noise",
            flush=True,
        )
    return 0


def _add_curve(commands):
    command = commands.add_parser(
        "curve",
        help="make loss curves, or make them again and compare",
        description="Trains in float64, and in float32 with every batch in eight orders; writes curve.json beside the folder's spec.yml.",
    )
    command.add_argument(
        "folders",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="a folder with a spec.yml, such as fixtures/curves/segnext-t",
    )
    command.add_argument("--check", action="store_true", help="write nothing: make the float64 curve again and compare")
    command.set_defaults(run=_curve)


def _curve(options):
    from oracle.curve import check_curve, make_curve
    from oracle.references import find_reference

    if options.check:
        return _report(options.folders, check_curve, "made again, is the same")
    for folder in options.folders:
        make_curve(find_reference(), folder)
        print(f"{folder}: {_megabytes(folder):.2f} MB", flush=True)
    return 0


def _add_verify(commands):
    command = commands.add_parser(
        "verify",
        help="check bundles against the contract",
        description="Checks hashes, names, shapes, order and numbers of bundles; makes nothing again.",
    )
    command.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")
    command.set_defaults(run=_verify)


def _verify(options):
    from oracle.verify import verify_bundle

    return _report(options.bundles, verify_bundle, "is a golden bundle as the contract says")


def _add_check(commands):
    command = commands.add_parser(
        "check",
        help="make bundles again and compare",
        description="Makes each bundle once more in a temporary folder: goldens within 1 ulp of float32, the same probes, noise within a factor of 4.",
    )
    command.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")
    command.set_defaults(run=_check)


def _check(options):
    from oracle.check import check_bundle

    return _report(options.bundles, check_bundle, "made again, is the same")


def _report(bundles, find_problems, praise):
    from oracle.references import find_reference

    failed = False
    for folder in bundles:
        problems = find_problems(find_reference(), folder)
        failed = failed or bool(problems)
        print(
            f"{folder}: {praise}." if not problems else "\n".join(f"{folder}: {problem}" for problem in problems),
            flush=True,
        )
    return 1 if failed else 0


def _add_sharpness(commands):
    command = commands.add_parser(
        "sharpness",
        help="show which faults a bundle brings to light",
        description="Puts one fault after another into the reference's own float32 model and prints the first probe that fails, with its error in units of the noise.",
    )
    command.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")
    command.set_defaults(run=_sharpness)


def _sharpness(options):
    from oracle.bundle import read_case
    from oracle.references import find_reference
    from oracle.sharpness import measure_sharpness, render_sharpness
    from oracle.train_sharpness import measure_training_sharpness, render_training_sharpness

    for folder in options.bundles:
        if read_case(folder)["phase"] == "train":
            table = render_training_sharpness(measure_training_sharpness(find_reference(), folder))
        else:
            table = render_sharpness(measure_sharpness(find_reference(), folder))
        print(f"## {folder.name}\n\n{table}\n", flush=True)
    return 0


def _add_train(commands):
    command = commands.add_parser(
        "train",
        help="train the reference on a data set",
        description="Trains PaddleSeg's network from random weights by a PaddleSeg yml, with PaddleSeg's data pipeline and evaluation.",
    )
    command.add_argument(
        "config", type=Path, metavar="YML", help="a PaddleSeg yml; paths in it are relative to the working directory"
    )
    command.add_argument("--seed", type=int, required=True)
    command.add_argument("--iters", type=int, help="the yml's by default")
    command.add_argument(
        "--evaluate-every",
        type=int,
        default=1000,
        metavar="N",
        help="iterations between evaluations; there is one after the last in any case",
    )
    command.add_argument(
        "--out", type=Path, required=True, metavar="JSON", help="losses, learning rates and evaluations"
    )
    command.add_argument("--save", type=Path, metavar="PDPARAMS", help="the trained weights, by paddle.save")
    command.set_defaults(run=_train)


def _train(options):
    from oracle.train_data import train_on_data

    train_on_data(options.config, options.seed, options.iters, options.evaluate_every, options.out, options.save)
    return 0


def _add_street(commands):
    command = commands.add_parser(
        "street", help="draw the street scenes", description="Draws the project's small data set, in Cityscapes layout."
    )
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder, such as fixtures/street")
    command.add_argument("--train", type=int, default=12, metavar="N")
    command.add_argument("--val", type=int, default=8, metavar="N")
    command.set_defaults(run=_street)


def _street(options):
    from oracle.street import make_street

    make_street(options.out, {"train": options.train, "val": options.val})
    return 0


def _add_eval_golden(commands):
    command = commands.add_parser(
        "eval-golden",
        help="make or check an eval golden",
        description="Evaluates the data set and the weights of a folder with PaddleSeg's own inference, and writes golden.json and golden.npz into it (docs/eval-goldens.md).",
    )
    command.add_argument("folder", type=Path, metavar="DIR", help="holds the PaddleSeg yml and the weights")
    command.add_argument("--config", default="config.yml", metavar="YML", help="its name in the folder")
    command.add_argument("--weights", default="model.pdparams", metavar="PDPARAMS", help="its name in the folder")
    command.add_argument("--data", default=".", metavar="DIR", help="the data set's root, from the folder")
    command.add_argument("--classes", nargs="+", default=[], metavar="NAME", help="the classes' names")
    command.add_argument("--crop-size", nargs=2, type=int, metavar=("W", "H"), help="of a fourth mode, by windows")
    command.add_argument("--stride", nargs=2, type=int, metavar=("W", "H"))
    command.add_argument("--check", action="store_true", help="compare with what is there; nothing is written")
    command.set_defaults(run=_eval_golden)


def _eval_golden(options):
    from oracle.eval_golden import check_eval_golden, make_eval_golden

    if options.check:
        problems = check_eval_golden(options.folder)
        print("\n".join(problems) or f"{options.folder}: as the reference gives it")
        return 1 if problems else 0
    slide = None if options.crop_size is None else (options.crop_size, options.stride or options.crop_size)
    make_eval_golden(options.folder, options.config, options.weights, options.data, options.classes, slide)
    return 0


def _add_golden(commands):
    command = commands.add_parser(
        "golden",
        help="make a bundle of your own configuration, weights and picture",
        description="Makes a golden bundle of a PaddleSeg configuration. Without --weights the weights are seeded; `pretrained` is never followed.",
    )
    command.add_argument(
        "config", type=Path, metavar="CONFIG", help="a PaddleSeg .yml; _base_ and _inherited_ are honoured"
    )
    command.add_argument(
        "--weights",
        type=_existing_file,
        metavar="FILE",
        help="a .pdparams file; a missing, unexpected or misshapen tensor is an error",
    )
    source = command.add_mutually_exclusive_group()
    source.add_argument(
        "--image",
        type=_existing_file,
        metavar="FILE",
        help="a picture, normalised as val_dataset says; its other transforms are not applied",
    )
    source.add_argument(
        "--input", type=_size, default=(64, 128), metavar="HxW", help="the size of a seeded image (default: 64x128)"
    )
    command.add_argument(
        "--probes",
        choices=("every", "blocks"),
        default="every",
        help="every sublayer, or what a person reads first (default: every)",
    )
    command.add_argument(
        "--complete",
        action="store_true",
        help=f"store every probe whole; else those above {SAMPLE['above']} elements are sampled",
    )
    command.add_argument(
        "--seed", type=_seed, default=1, metavar="N", help="of the weights, the image and the draws (default: 1)"
    )
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the bundle's folder")
    command.add_argument("--force", action="store_true", help="replace a bundle that exists")
    command.set_defaults(run=_golden)


def _golden(options):
    from oracle.user_golden import make_user_bundle

    sample = None if options.complete else SAMPLE
    make_user_bundle(
        options.config,
        options.out,
        weights=options.weights,
        image=options.image,
        size=options.input,
        probes=options.probes,
        sample=sample,
        seed=options.seed,
        force=options.force,
    )
    print(f"{options.out}: {_megabytes(options.out):.2f} MB", flush=True)
    return 0


def _existing_file(text):
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path


def _size(text):
    height, cross, width = text.partition("x")
    if not (cross and height.isdecimal() and width.isdecimal() and int(height) and int(width)):
        raise argparse.ArgumentTypeError(f"{text} is not a size; one like 64x128 (height x width) is wanted")
    return int(height), int(width)


def _seed(text):
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text} is not a seed; a whole number from 0 to 2^32 - 1 is wanted")
    return int(text)


def _megabytes(folder):
    return sum(file.stat().st_size for file in folder.iterdir()) / 1e6

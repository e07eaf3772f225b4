"""Makes or checks an eval golden."""

from pathlib import Path

HELP = "make or check an eval golden"
DESCRIPTION = (
    "Evaluates the data set and the weights of a folder with PaddleSeg's own inference, and writes golden.json and "
    "golden.npz into it (docs/eval-goldens.md)."
)


def add_arguments(command):
    command.add_argument("folder", type=Path, metavar="DIR", help="holds the PaddleSeg yml and the weights")
    command.add_argument("--config", default="config.yml", metavar="YML", help="its name in the folder")
    command.add_argument("--weights", default="model.pdparams", metavar="PDPARAMS", help="its name in the folder")
    command.add_argument("--data", default=".", metavar="DIR", help="the data set's root, from the folder")
    command.add_argument("--classes", nargs="+", default=[], metavar="NAME", help="the classes' names")
    command.add_argument("--crop-size", nargs=2, type=int, metavar=("W", "H"), help="of a fourth mode, by windows")
    command.add_argument("--stride", nargs=2, type=int, metavar=("W", "H"))
    command.add_argument("--check", action="store_true", help="compare with what is there; nothing is written")


def run(options):
    from oracle.eval_golden import check_eval_golden, make_eval_golden

    if options.check:
        problems = check_eval_golden(options.folder)
        print("\n".join(problems) or f"{options.folder}: as the reference gives it")
        return 1 if problems else 0
    slide = None if options.crop_size is None else (options.crop_size, options.stride or options.crop_size)
    make_eval_golden(options.folder, options.config, options.weights, options.data, options.classes, slide)
    return 0

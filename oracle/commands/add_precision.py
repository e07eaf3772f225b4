"""Adds to bundles the noise of formats of fewer bits."""

from pathlib import Path

from oracle.rounding import PRECISIONS

HELP = "add the noise of fp16, bf16 or tf32 to bundles"
DESCRIPTION = (
    "Runs the reference of each bundle as if it computed in a format of fewer bits, and writes the noise of its layers "
    "into case.json: what `judge --precision` judges by. All else in the bundle stays as it is."
)


def add_arguments(command):
    command.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")
    command.add_argument(
        "--precision",
        action="append",
        choices=sorted(PRECISIONS),
        help="a format; may be given several times (default: all of them)",
    )


def run(options):
    from oracle.precisions import add_precisions
    from oracle.references import find_reference

    wanted, failed = options.precision or sorted(PRECISIONS), False
    for folder in options.bundles:
        added, failures = add_precisions(find_reference(), folder, wanted)
        failed = failed or failures != []
        for failure in failures:
            print(f"{folder}: {failure}", flush=True)
        if added:
            print(f"{folder}: case.json has the noise of {', '.join(added)}.", flush=True)
    return 1 if failed else 0

"""Makes or checks loss curves."""

from pathlib import Path

from oracle.options import megabytes, report

HELP = "make loss curves, or make them again and compare"
DESCRIPTION = (
    "Trains in float64, and in float32 with every batch in eight orders; writes curve.json beside the folder's "
    "spec.yml."
)


def add_arguments(command):
    command.add_argument(
        "folders",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="a folder with a spec.yml, such as fixtures/curves/segnext-t",
    )
    command.add_argument("--check", action="store_true", help="write nothing: make the float64 curve again and compare")


def run(options):
    from oracle.curve import check_curve, make_curve
    from oracle.references import find_reference

    if options.check:
        return report(options.folders, check_curve, "made again, is the same")
    for folder in options.folders:
        make_curve(find_reference(), folder)
        print(f"{folder}: {megabytes(folder):.2f} MB", flush=True)
    return 0

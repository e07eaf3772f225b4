"""Makes bundles again and compares."""

from pathlib import Path

from oracle.options import report

HELP = "make bundles again and compare"
DESCRIPTION = (
    "Makes each bundle once more in a temporary folder: goldens within 1 ulp of float32, the same probes, noise within "
    "a factor of 4."
)


def add_arguments(command):
    command.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")


def run(options):
    from oracle.check import check_bundle

    return report(options.bundles, check_bundle, "made again, is the same")

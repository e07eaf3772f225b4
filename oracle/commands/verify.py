"""Checks bundles against the contract."""

from pathlib import Path

from oracle.options import report

HELP = "check bundles against the contract"
DESCRIPTION = "Checks hashes, names, shapes, order and numbers of bundles; makes nothing again."


def add_arguments(command):
    command.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")


def run(options):
    from oracle.verify import verify_bundle

    return report(options.bundles, verify_bundle, "is a golden bundle as the contract says")

"""Makes bundles from specifications."""

from pathlib import Path

from oracle.errors import OracleError
from oracle.options import megabytes

HELP = "make the bundles that specifications describe"
DESCRIPTION = "Makes a bundle for each specification, in a folder named as the specification's file is."


def add_arguments(command):
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


def run(options):
    from oracle.infer import make_infer_bundle
    from oracle.precisions import add_precisions
    from oracle.references import find_reference
    from oracle.spec import read_spec
    from oracle.train import make_train_bundle

    specs = {path: read_spec(path) for path in options.specs}
    for path, spec in specs.items():
        destination = options.out / path.stem
        make = {"infer": make_infer_bundle, "train": make_train_bundle}[spec["phase"]]
        make(find_reference(), spec, destination, options.force)
        if precisions := spec.get("precisions"):
            for failure in add_precisions(find_reference(), destination, precisions)[1]:
                raise OracleError(failure)
        print(f"{destination}: {megabytes(destination):.2f} MB", flush=True)
    return 0

"""Makes a bundle of a user's own configuration."""

from pathlib import Path

from oracle.options import existing_file, image_size, megabytes, seed_number

HELP = "make a bundle of your own configuration, weights and picture"
DESCRIPTION = (
    "Makes a golden bundle of a PaddleSeg configuration. Without --weights the weights are seeded; `pretrained` is "
    "never followed."
)
SAMPLE = {"above": 65536, "count": 4096}  # with every probe of MSCAN_T some 10 MB at any size


def add_arguments(command):
    command.add_argument(
        "config", type=Path, metavar="CONFIG", help="a PaddleSeg .yml; _base_ and _inherited_ are honoured"
    )
    command.add_argument(
        "--weights",
        type=existing_file,
        metavar="FILE",
        help="a .pdparams file; a missing, unexpected or misshapen tensor is an error",
    )
    source = command.add_mutually_exclusive_group()
    source.add_argument(
        "--image",
        type=existing_file,
        metavar="FILE",
        help="a picture, normalised as val_dataset says; its other transforms are not applied",
    )
    source.add_argument(
        "--input",
        type=image_size,
        default=(64, 128),
        metavar="HxW",
        help="the size of a seeded image (default: 64x128)",
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
        "--seed", type=seed_number, default=1, metavar="N", help="of the weights, the image and the draws (default: 1)"
    )
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the bundle's folder")
    command.add_argument("--force", action="store_true", help="replace a bundle that exists")


def run(options):
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
    print(f"{options.out}: {megabytes(options.out):.2f} MB", flush=True)
    return 0

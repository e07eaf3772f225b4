"""A training of a small SegNeXt, with everything that a bundle of phase train can draw."""

from oracle.spec import validate_spec

SPEC = validate_spec(
    {
        "id": "small-train",
        "phase": "train",
        "model": {
            "type": "SegNeXt",
            "backbone": {
                "type": "MSCAN",
                "embed_dims": [8, 8, 16, 16],
                "depths": [1, 1, 1, 1],
                "mlp_ratios": [2, 2, 2, 2],
                "drop_path_rate": 0.4,
            },
            "num_classes": 3,
            "decoder_cfg": {
                "channels": 16,
                "ham_channels": 16,
                "num_groups": 4,
                "ham_kwargs": {"MD_R": 4},
                "dropout_rate": 0.3,
            },
        },
        "seed": 2,
        "input": {"batch": 3, "height": 40, "width": 56, "image": "noise"},
        "sample": {"above": 300, "count": 64},
        "train": {
            "steps": 2,
            "ignored": 0.2,
            "iters": 5,
            "optimizer": {
                "type": "AdamW",
                "weight_decay": 0.05,
                "custom_cfg": [{"name": "head", "lr_mult": 10.0}, {"name": "norm", "weight_decay_mult": 0.0}],
            },
            "lr_scheduler": {
                "type": "PolynomialDecay",
                "learning_rate": 1e-3,
                "end_lr": 0.0,
                "power": 0.9,
                "warmup_iters": 1,
                "warmup_start_lr": 1e-4,
            },
            "loss": {"types": [{"type": "CrossEntropyLoss"}], "coef": [1]},
        },
    },
    "SPEC",
)

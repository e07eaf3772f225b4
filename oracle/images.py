"""The inputs of bundles: seeded images, and photographs normalised as the configuration says."""

import numpy as np

from oracle import seeded
from oracle.errors import OracleError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
# A seeded picture: two octaves of bilinearly interpolated seeded grey levels, in whole numbers, so that it is the same
# everywhere.
OCTAVES = ((64, 160), (16, 95))  # (pixels per grid step, amplitude in grey levels)
# A seeded mosaic: squares of one grey level each. No stride of a network is a multiple of their side, so that squares
# meet kernels at every offset.
MOSAIC_BLOCK, MOSAIC_LEVELS = 5, 16  # pixels, grey levels
LABEL_BLOCK = 8  # pixels
IGNORED = 255


def make_image(kind, seed, batch, height, width):
    """Float32 [batch, 3, height, width], in the range of normalised pixels.

    "noise": uniform in [-2, 2), independent. "picture": smooth 8-bit grey levels, normalised; it deflates well.
    "mosaic": squares of 16 grey levels, normalised; it deflates to a fiftieth.
    """
    if kind == "noise":
        values = 4 * seeded.uniform(seed, "image", batch * 3 * height * width) - 2
        return values.astype(np.float32).reshape(batch, 3, height, width)
    make = _make_mosaic if kind == "mosaic" else _make_picture
    return normalise(make(seed, batch, height, width), IMAGENET_MEAN, IMAGENET_STD)


def make_label(seed, batch, height, width, classes, ignored):
    """Int64 [batch, height, width]: blocks of one class each; about `ignored` of them, 0 to 1, are 255, unequally many
    in the images.
    """
    rows, columns = -(-height // LABEL_BLOCK), -(-width // LABEL_BLOCK)
    shape = (batch, rows, columns)
    blocks = np.floor(seeded.uniform(seed, "label", batch * rows * columns) * classes).astype(np.int64).reshape(shape)
    share = ignored * np.linspace(0.5, 1.5, batch).reshape(batch, 1, 1)
    blocks[seeded.uniform(seed, "label.ignored", batch * rows * columns).reshape(shape) < share] = IGNORED
    return _widen(blocks, LABEL_BLOCK, height, width)


def read_photo(path, mean, std):
    """A picture file as float32 [1, 3, height, width], RGB, normalised."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB"))  # [height, width, 3]
    except (OSError, UnidentifiedImageError) as error:
        raise OracleError(f"Cannot read {path}: {error}; a picture that Pillow decodes is wanted.") from error
    return normalise(pixels.transpose(2, 0, 1)[np.newaxis], mean, std)


def normalise(levels, mean, std):
    """(levels / 255 − mean) / std per channel. levels: [n, c, h, w], 0 to 255.

    Source: paddleseg/transforms/functional.py, normalize: float32 images, float64 constants, rounded after each step.
    """
    per_channel = (-1, 1, 1)
    scaled = levels.astype(np.float32) / np.float32(255)
    centred = (scaled - np.asarray(mean, np.float64).reshape(per_channel)).astype(np.float32)
    return (centred / np.asarray(std, np.float64).reshape(per_channel)).astype(np.float32)


def _make_picture(seed, batch, height, width):
    levels = np.zeros((batch, 3, height, width), np.int64)
    for step, amplitude in OCTAVES:
        rows, columns = height // step + 2, width // step + 2
        count = batch * 3 * rows * columns
        grid = np.floor(seeded.uniform(seed, f"image.{step}", count) * (amplitude + 1)).astype(np.int64)
        levels += _stretch(grid.reshape(batch, 3, rows, columns), step, height, width)
    return levels


def _make_mosaic(seed, batch, height, width):
    rows, columns = -(-height // MOSAIC_BLOCK), -(-width // MOSAIC_BLOCK)
    drawn = seeded.uniform(seed, "image.mosaic", batch * 3 * rows * columns)
    levels = np.floor(drawn * MOSAIC_LEVELS).astype(np.int64) * (255 // (MOSAIC_LEVELS - 1))
    return _widen(levels.reshape(batch, 3, rows, columns), MOSAIC_BLOCK, height, width)


def _widen(blocks, side, height, width):
    """Each element as a square of side × side pixels, cut to height and width."""
    return np.repeat(np.repeat(blocks, side, axis=-2), side, axis=-1)[..., :height, :width]


def _stretch(grid, step, height, width):
    y, x = np.arange(height), np.arange(width)
    left, right = grid[..., x // step], grid[..., x // step + 1]
    rows = left * (step - x % step) + right * (x % step)
    above, below = rows[..., y // step, :], rows[..., y // step + 1, :]
    fraction = (y % step)[:, np.newaxis]
    return (above * (step - fraction) + below * fraction) // step**2

"""Small image files of many kinds, and what OpenCV and Pillow read from them."""

import struct

import numpy as np

from oracle.transform_cases import draw_inputs


def make_decode(folder):
    """Writes small image files, and gives what OpenCV (image, RGB) and Pillow (label) read from them."""
    import cv2
    from PIL import Image

    photo = draw_inputs()["photo"]
    rgb, label = photo["image"].astype(np.uint8), photo["label"]
    small = np.where(label == 255, 4, label).astype(np.uint8)
    palette = [value for colour in np.random.RandomState(3).randint(0, 256, (256, 3)) for value in colour]
    images = {
        "rgb.png": Image.fromarray(rgb),
        "rgba.png": Image.fromarray(np.dstack([rgb, small * 60])),
        "grey.png": Image.fromarray(rgb[:, :, 0]),
        "palette.png": _with_palette(Image.fromarray(small), palette),
        "photo.jpg": Image.fromarray(rgb),
        "grey.jpg": Image.fromarray(rgb[:, :, 0]),
        "turned.jpg": Image.fromarray(rgb),
    }
    labels = {
        "label-grey.png": (Image.fromarray(label), {}),
        "label-palette-8.png": (_with_palette(Image.fromarray(label), palette), {}),
        "label-palette-4.png": (_with_palette(Image.fromarray(small), palette[: 16 * 3]), {"bits": 4}),
        "label-palette-2.png": (_with_palette(Image.fromarray(small % 4), palette[: 4 * 3]), {"bits": 2}),
        "label-palette-1.png": (_with_palette(Image.fromarray(small[:, :45] % 2), palette[: 2 * 3]), {"bits": 1}),
        "label-bilevel.png": (Image.fromarray(small[:, :45] % 2 == 1), {}),
    }
    arrays = {}
    for name, image in images.items():
        options = {"quality": 90} if name.endswith(".jpg") else {}
        if name == "turned.jpg":
            exif = Image.Exif()
            exif[0x0112] = 6  # orientation: turn by 90 degrees clockwise
            options["exif"] = exif
        image.save(folder / name, **options)
        arrays[name] = cv2.cvtColor(cv2.imread(str(folder / name), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        arrays[f"{name}/grey"] = cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE)
    deep = np.random.RandomState(16).randint(0, 65536, (32, 48, 3)).astype(np.uint16)
    cv2.imwrite(str(folder / "deep.png"), deep[:, :, ::-1])  # 16 bits, of which OpenCV reads the upper 8
    arrays["deep.png"] = cv2.cvtColor(cv2.imread(str(folder / "deep.png"), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    draw_formats(folder, rgb[4:16, :18], deep[:12, :18])
    for path in sorted(folder.glob("kind-*")):
        arrays[path.name] = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        arrays[f"{path.name}/grey"] = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    for name, (image, options) in labels.items():
        image.save(folder / name, **options)
        arrays[name] = np.asarray(Image.open(folder / name)).astype(np.uint8)
    Image.fromarray(label.astype(np.uint16) * 257).save(folder / "label-16.png")
    Image.fromarray(rgb).save(folder / "label-rgb.png")
    return arrays


def draw_formats(folder, rgb, deep):
    """Tiny pictures of the kinds that BMP, TIFF, WebP and PNG have: all are called `kind-…`."""
    import cv2
    from PIL import Image

    picture, grey = Image.fromarray(rgb), Image.fromarray(rgb[:, :, 0])
    alpha = deep[:, :, 0].astype(np.uint8)
    with_alpha, few = Image.fromarray(np.dstack([rgb, alpha])), picture.quantize(12)
    turned = Image.Exif()
    turned[0x0112] = 6
    for name, (image, options) in {
        "rgb.bmp": (picture, {}),
        "grey.bmp": (grey, {}),
        "palette.bmp": (picture.quantize(40), {}),
        "bilevel.bmp": (grey.point(lambda v: 255 * (v > 128)).convert("1"), {}),
        "rgb.tif": (picture, {}),
        "lzw.tif": (picture, {"compression": "tiff_lzw"}),
        "grey.tif": (grey, {}),
        "palette.tif": (few, {}),
        "bilevel.tif": (grey.point(lambda v: 255 * (v > 128)).convert("1"), {}),
        "alpha.tif": (with_alpha, {}),
        "grey-alpha.tif": (with_alpha.convert("LA"), {}),
        "upside-down.tif": (picture, {"tiffinfo": {274: 3}}),
        "two-pages.tif": (picture, {"save_all": True, "append_images": [picture.rotate(180)]}),
        "lossless.webp": (picture, {"lossless": True}),
        "lossy.webp": (picture, {"quality": 80}),
        "alpha.webp": (with_alpha, {"lossless": True}),
        "turned.webp": (picture, {"lossless": True, "exif": turned}),
        "turned.png": (picture, {"exif": turned}),
        "grey-alpha.png": (with_alpha.convert("LA"), {}),
        "grey-16.png": (Image.fromarray(deep[:, :, 0]), {}),
        "few.png": (few, {"bits": 4}),
    }.items():
        image.save(folder / f"kind-{name}", **options)
    cv2.imwrite(str(folder / "kind-rgb-16.tif"), deep[:, :, ::-1])
    Image.fromarray(deep[:, :, 0]).save(folder / "kind-grey-16.tif")
    height, width = alpha.shape
    rows = {
        4: (alpha & 15, 4),
        8: (alpha & 31, 8),
        16: (deep[:, :, 0], 16),
        24: (rgb[:, :, ::-1], 24),
        32: (np.dstack([rgb[:, :, ::-1], alpha]), 32),
    }
    palette = np.hstack([deep[0, :16, ::-1] >> 8, np.zeros((16, 1))]).astype(np.uint8).tobytes()
    small, masks = (
        _bmp_header("IiiHHIIIIII", 40),
        {"555": (0x7C00, 0x3E0, 0x1F), "565": (0xF800, 0x7E0, 0x1F), "32": (0xFF0000, 0xFF00, 0xFF)},
    )
    for name, bits, header in (
        ("4", 4, small(width, height, 1, 4, 0, 0, 0, 0, 0, 0) + palette),
        ("short-palette", 8, small(width, height, 1, 8, 0, 0, 0, 0, 16, 0) + palette),
        ("16", 16, small(width, height, 1, 16, 0, 0, 0, 0, 0, 0)),
        ("555", 16, small(width, height, 1, 16, 3, 0, 0, 0, 0, 0) + struct.pack("<3I", *masks["555"])),
        ("565", 16, small(width, height, 1, 16, 3, 0, 0, 0, 0, 0) + struct.pack("<3I", *masks["565"])),
        ("32", 32, small(width, height, 1, 32, 0, 0, 0, 0, 0, 0)),
        ("32-masks", 32, small(width, height, 1, 32, 3, 0, 0, 0, 0, 0) + struct.pack("<3I", *masks["32"])),
        ("top-down", 24, small(width, -height, 1, 24, 0, 0, 0, 0, 0, 0)),
        ("os2", 24, _bmp_header("IHHHH", 12)(width, height, 1, 24)),
    ):
        (folder / f"kind-{name}.bmp").write_bytes(_bmp(header, *rows[bits], upwards=name != "top-down"))


def _bmp_header(layout, size):
    return lambda *values: struct.pack(f"<{layout}", size, *values)


def _bmp(header, values, bits, upwards):
    """A BMP of these headers and this palette: rows are filled up to four bytes."""
    lines = []
    for row in values[::-1] if upwards else values:
        line = (
            np.packbits(np.unpackbits(row[:, None].astype(np.uint8), axis=1)[:, 4:]).tobytes()
            if bits == 4
            else row.tobytes()
        )
        lines.append(line + bytes(-len(line) % 4))
    body = b"".join(lines)
    return struct.pack("<2sIHHI", b"BM", 14 + len(header) + len(body), 0, 0, 14 + len(header)) + header + body


def _with_palette(image, palette):
    image.putpalette(palette)
    return image

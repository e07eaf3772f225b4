"""The project's own small data set, in Cityscapes layout: street-like scenes drawn by a seeded program.

Every scene has a sky, houses, a road with pavements, and some of trees, poles, signs, fences, cars and people, at their
distances; the lower edge (the own car's bonnet) and some patches are ignored. Colours vary from scene to scene and
under a light that falls off, with noise on top, so that a colour alone does not tell a class.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from oracle.street_scene import (
    BUILDING,
    CAR,
    FENCE,
    GRASS,
    HEIGHT,
    IGNORED,
    PAVEMENT,
    PERSON,
    POLE,
    ROAD,
    SIGN,
    SKY,
    TREE,
    WIDTH,
    Scene,
)

NOISE = 12  # grey levels between the steps of the noise


def draw_scene(seed):
    """uint8 [h, w, 3] and uint8 [h, w]."""
    random = np.random.Generator(np.random.PCG64(seed))
    scene = Scene(random)
    scene.box(0, 0, WIDTH, HEIGHT, SKY)
    _draw_ground(scene)
    _draw_houses(scene)
    for side in (-1, 1):
        _draw_side(scene, side)
    for depth in sorted(random.uniform(0.12, 0.9, random.integers(2, 5))):
        _draw_car(scene, depth)
    for depth in sorted(random.uniform(0.2, 0.9, random.integers(1, 5))):
        _draw_person(scene, depth, random.choice((-1, 1)))
    label = np.asarray(scene.label).copy()
    _ignore(scene, label)
    return _photograph(np.asarray(scene.image), random), label


def _at(scene, depth):
    """(row of the ground, scale of things) at a depth of 0, the horizon, to 1, the lower edge."""
    return scene.horizon + depth * (HEIGHT - scene.horizon), depth


def _draw_ground(scene):
    far, half = 12, scene.random.uniform(150, 230)
    kerb = half + scene.random.uniform(60, 110)
    scene.box(0, scene.horizon, WIDTH, HEIGHT, GRASS)
    middle = scene.middle
    scene.polygon(
        [
            (middle - 1.8 * far, scene.horizon),
            (middle + 1.8 * far, scene.horizon),
            (middle + kerb, HEIGHT),
            (middle - kerb, HEIGHT),
        ],
        PAVEMENT,
    )
    scene.polygon(
        [
            (middle - far, scene.horizon),
            (middle + far, scene.horizon),
            (middle + half, HEIGHT),
            (middle - half, HEIGHT),
        ],
        ROAD,
    )
    for depth in np.linspace(0.1, 0.95, 7):  # lane marks are road too
        row, scale = _at(scene, depth)
        scene.polygon(
            [
                (middle - 5 * scale, row),
                (middle + 5 * scale, row),
                (middle + 6 * scale, row + 14 * scale),
                (middle - 6 * scale, row + 14 * scale),
            ],
            ROAD,
            (214, 212, 205),
        )
    scene.half, scene.kerb = half, kerb


def _draw_houses(scene):
    random, left = scene.random, 0
    while left < WIDTH:
        width = int(random.integers(38, 110))
        near = abs(left + width / 2 - scene.middle) / WIDTH
        top = scene.horizon - random.uniform(18, 40) - near * random.uniform(60, 190)
        bottom = scene.horizon + 8 + near * 60
        if random.random() < 0.85:
            wall = scene.shade(BUILDING)
            scene.box(left, top, left + width, bottom, BUILDING, wall)
            pane = tuple(int(value * 0.6) for value in wall)
            for row in np.arange(top + 6, bottom - 10, 16):
                for column in np.arange(left + 5, left + width - 8, 14):
                    scene.box(column, row, column + 7, row + 9, BUILDING, pane)
        left += width


def _draw_side(scene, side):
    random = scene.random
    if random.random() < 0.6:
        _draw_fence(scene, side)
    for depth in sorted(random.uniform(0.1, 0.8, random.integers(2, 6))):
        row, scale = _at(scene, depth)
        column = scene.middle + side * (12 + (scene.kerb + random.uniform(10, 60) - 12) * scale)
        kind = random.choice(("tree", "pole", "sign"), p=(0.45, 0.25, 0.3))
        height, thick = random.uniform(110, 190) * scale, max(1.5, 7 * scale)
        if kind == "tree":
            scene.box(column - thick, row - 0.5 * height, column + thick, row, TREE, (92, 72, 55))
            for _ in range(6):
                x, y, r = (
                    column + random.normal(0, 26 * scale),
                    row - 0.8 * height + random.normal(0, 20 * scale),
                    random.uniform(22, 40) * scale,
                )
                scene.ellipse(x - r, y - r, x + r, y + r, TREE, scene.shade(TREE))
        else:
            scene.box(column - thick / 2, row - height, column + thick / 2, row, POLE)
            if kind == "sign":
                size = max(3, 26 * scale)
                scene.ellipse(
                    column - size / 2,
                    row - height - size / 2,
                    column + size / 2,
                    row - height + size / 2,
                    SIGN,
                    scene.shade(SIGN),
                )


def _draw_fence(scene, side):
    near, far = 0.75, 0.2
    points = []
    for depth, raised in ((far, 0), (near, 0), (near, 34), (far, 34)):
        row, scale = _at(scene, depth)
        points.append((scene.middle + side * (12 + (scene.kerb + 4) * scale), row - raised * scale))
    scene.polygon(points, FENCE)
    for depth in np.linspace(far, near, 12):
        row, scale = _at(scene, depth)
        column = scene.middle + side * (12 + (scene.kerb + 4) * scale)
        scene.box(column - scale, row - 34 * scale, column + scale, row, FENCE, (84, 74, 62))


def _draw_car(scene, depth):
    random = scene.random
    row, scale = _at(scene, depth)
    column = scene.middle + random.choice((-1, 1)) * random.uniform(0.35, 0.8) * (12 + scene.half * scale)
    wide, high = 62 * scale, 46 * scale
    paint = scene.shade(CAR)
    scene.polygon(
        [
            (column - 0.7 * wide, row - high),
            (column + 0.7 * wide, row - high),
            (column + wide, row - 0.5 * high),
            (column - wide, row - 0.5 * high),
        ],
        CAR,
        tuple(int(value * 0.5) for value in paint),
    )
    scene.box(column - wide, row - 0.55 * high, column + wide, row - 0.1 * high, CAR, paint)
    for x in (column - 0.7 * wide, column + 0.7 * wide):
        scene.ellipse(x - 9 * scale, row - 14 * scale, x + 9 * scale, row + 3 * scale, CAR, (30, 30, 32))


def _draw_person(scene, depth, side):
    random = scene.random
    row, scale = _at(scene, depth)
    column = scene.middle + side * (12 + random.uniform(scene.half + 8, scene.kerb) * scale)
    tall, wide = 62 * scale, max(2, 9 * scale)
    scene.box(column - wide, row - 0.82 * tall, column + wide, row - 0.4 * tall, PERSON, scene.shade(PERSON))
    scene.box(column - 0.8 * wide, row - 0.42 * tall, column + 0.8 * wide, row, PERSON, (54, 56, 72))
    scene.ellipse(column - 0.6 * wide, row - tall, column + 0.6 * wide, row - 0.8 * tall, PERSON, (196, 156, 132))


def _ignore(scene, label):
    """The bonnet, and a few patches that nobody could name."""
    bonnet = Image.new("L", (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(bonnet).ellipse([60, HEIGHT - 14, WIDTH - 60, HEIGHT + 30], fill=1)
    ImageDraw.Draw(scene.image).ellipse([60, HEIGHT - 14, WIDTH - 60, HEIGHT + 30], fill=(46, 48, 56))
    label[np.asarray(bonnet) == 1] = IGNORED
    for _ in range(int(scene.random.integers(2, 5))):
        top, left = scene.random.integers(0, HEIGHT - 24), scene.random.integers(0, WIDTH - 40)
        label[top : top + scene.random.integers(6, 22), left : left + scene.random.integers(8, 38)] = IGNORED


def _photograph(pixels, random):
    """Light that falls off to one side, and noise in few steps, which a PNG packs well."""
    light = (
        np.linspace(random.uniform(0.72, 1.0), random.uniform(0.85, 1.15), WIDTH)[None, :, None]
        * np.linspace(1.06, 0.92, HEIGHT)[:, None, None]
    )
    coarse = random.integers(-1, 2, (HEIGHT // 2, WIDTH // 2)) * NOISE
    noise = np.repeat(np.repeat(coarse, 2, axis=0), 2, axis=1)[:, :, None]
    return np.clip(np.round(pixels * light / 4) * 4 + noise, 0, 255).astype(np.uint8)


def make_street(folder, counts):
    """Writes `counts` (mode → number) of scenes in Cityscapes layout, and their hashes into hashes.json."""
    hashes = {}
    for mode, count in counts.items():
        for index in range(count):
            seed = {"train": 1000, "val": 2000}[mode] + index
            image, label = draw_scene(seed)
            name = f"street/street_{index:06d}_000019"
            for kind, part, pixels in (
                ("leftImg8bit", "leftImg8bit", image),
                ("gtFine", "gtFine_labelTrainIds", label),
            ):
                path = Path(folder) / kind / mode / f"{name}_{part}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(path, optimize=True)
                hashes[path.relative_to(folder).as_posix()] = hashlib.sha256(
                    np.ascontiguousarray(pixels).tobytes()
                ).hexdigest()
    (Path(folder) / "hashes.json").write_text(
        json.dumps({"what": "SHA-256 of each picture's pixels", "pixels": hashes}, indent=1) + "\n", encoding="utf-8"
    )

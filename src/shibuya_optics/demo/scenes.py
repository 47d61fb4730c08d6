"""A photo of a product: a pack on a table or a shelf, other packs behind and beside it, taken by a phone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from shibuya_optics.contract import Pixels
from shibuya_optics.demo.brands import Product
from shibuya_optics.demo.camera import Camera, aimed
from shibuya_optics.demo.clutter import clutter
from shibuya_optics.demo.kitchens import SIZE, TABLES, WALLS, surface
from shibuya_optics.demo.lens import developed, drawn_lens
from shibuya_optics.demo.light import Finish, Light
from shibuya_optics.demo.packs import Surface, overall_height, stand
from shibuya_optics.demo.shadows import shadows
from shibuya_optics.demo.surfaces import Panel
from shibuya_optics.errors import InputError

FINER = 2
SMALLEST = 32
MATT = Finish(gloss=0.0)
Random = np.random.Generator


@dataclass(frozen=True)
class Scene:
    """Everything in front of the camera.

    Attributes:
        camera: the view.
        light: the light.
        room: table and wall, painted first, the farther first.
        clutter: other packs, the farther first.
        pack: the product.
        haze: blur of what is far behind the pack, px in a photo 480 px high.
    """

    camera: Camera
    light: Light
    room: tuple[Panel, ...]
    clutter: tuple[list[Surface], ...]
    pack: list[Surface]
    haze: float


def render(product: Product, seed: int, size: tuple[int, int] = (640, 480)) -> Pixels:
    """A photo of a product: uint8 (height, width, 3) RGB, upright.

    Light, place, turn, surroundings, blur, noise and JPEG quality are drawn from the product and the seed: the same
    product, seed and size give the same pixels; another seed gives another photo of the same product.

    Args:
        product: what the photo shows.
        seed: 0 or more.
        size: width and height, px, each 32 or more.

    Raises:
        InputError: the size is too small, or the seed is negative.
    """
    if min(size) < SMALLEST or seed < 0:
        raise InputError(
            f"a photo of {size} px from seed {seed}: give sides of {SMALLEST} px or more, and seed 0 or more."
        )
    digest = hashlib.sha256(repr(product).encode()).digest()
    random = np.random.default_rng([seed, int.from_bytes(digest[:8], "little")])
    scene = _arranged(product, random, size)
    return developed(_seen(scene), drawn_lens(random), random)


def _arranged(product: Product, random: Random, size: tuple[int, int]) -> Scene:
    height = overall_height(product)
    width, depth, _ = product.kind.size
    extent = max(1.1 * height + 0.25 * depth, 1.2 * width)
    shelf = random.random() < 0.45
    camera = _camera(random, extent, height, size)
    wall_at = -random.uniform(1.2, 2.0) * extent if shelf else -random.uniform(2.5, 4.5) * extent
    turn = random.uniform(-0.55, 0.55) if product.kind.shape in {"box", "carton"} else random.uniform(-0.4, 0.4)
    return Scene(
        camera=camera,
        light=_light(random),
        room=_room(random, camera, wall_at, extent),
        clutter=tuple(clutter(random, product, wall_at, extent, shelf=shelf)),
        pack=stand(product, np.zeros(3), turn),
        haze=float(random.uniform(0.8, 2.5) if shelf else random.uniform(2, 5)),
    )


def _camera(random: Random, extent: float, height: float, size: tuple[int, int]) -> Camera:
    """A camera at arm's length, a little above the pack, that fills about two thirds of the photo with it."""
    short = min(size)
    focal = short * random.uniform(1.2, 1.5)
    distance = focal * extent / (short * random.uniform(0.62, 0.88))
    up, across = random.uniform(0.07, 0.6), random.uniform(-0.3, 0.3)
    offset = np.array([np.sin(across) * np.cos(up), np.sin(up), np.cos(across) * np.cos(up)])
    aim = np.array([random.normal(0, 0.05) * extent, height * 0.5 + random.normal(0, 0.04) * extent, 0])
    return aimed(aim + distance * offset, aim, random.normal(0, 0.05), focal, size)


def _light(random: Random) -> Light:
    direction = np.array([random.uniform(-1, 1), random.uniform(0.7, 1.6), random.uniform(0.35, 1.0)], np.float32)
    key = random.uniform(0.5, 0.95)
    return Light(
        direction=direction / np.linalg.norm(direction),
        key=float(key),
        ambient=float(random.uniform(1.05, 1.25) - 0.7 * key),
        pane=(float(random.uniform(0.15, 0.4)), float(random.uniform(0.2, 0.6))),
    )


def _room(random: Random, camera: Camera, wall_at: float, extent: float) -> tuple[Panel, ...]:
    """A wall and a table in front of it that reaches up to below the camera."""
    table = surface(str(random.choice(list(TABLES))), int(random.integers(100)))
    wall = surface(str(random.choice(list(WALLS))), int(random.integers(100)))
    near, wide = float(camera.position[2]) - 1, 0.8 * (2.2 * extent - wall_at)
    deep = near - wall_at
    table = table.crop((0, 0, SIZE[0], min(SIZE[1], round(SIZE[0] * deep / (2 * wide)))))
    high = 2 * wide * SIZE[1] / SIZE[0]
    return (
        Panel(np.array([-wide, high - 1, wall_at]), np.array([2 * wide, 0, 0]), np.array([0, -high, 0]), wall, MATT),
        Panel(np.array([-wide, 0, wall_at]), np.array([2 * wide, 0, 0]), np.array([0, 0, deep]), table, Finish(0.015)),
    )


def _seen(scene: Scene) -> Image.Image:
    """What the lens sees, RGB: the surroundings out of focus, and the pack in focus before them."""
    photo = Image.new("RGBA", scene.camera.size, (90, 88, 84, 255))
    wall, table = scene.room
    wall.paint(scene.camera, scene.light, photo)
    table.paint(scene.camera, scene.light, photo)
    photo = _shaded(photo, scene)
    for pack in scene.clutter:
        for part in pack:
            part.paint(scene.camera, scene.light, photo)
    behind = _out_of_focus(photo.convert("RGB"), scene)
    return _with_pack(behind, scene)


def _shaded(photo: Image.Image, scene: Scene) -> Image.Image:
    """The empty room with the shadows of all packs on its table."""
    kept = shadows([*scene.clutter, scene.pack], scene.camera, scene.light.direction)
    return ImageChops.multiply(photo, Image.merge("RGBA", (kept, kept, kept, Image.new("L", photo.size, 255))))


def _out_of_focus(photo: Image.Image, scene: Scene) -> Image.Image:
    """Sharp where the table is as near as the pack, ever softer towards the wall."""
    scale = photo.height / 480
    soft = photo.filter(ImageFilter.GaussianBlur(scene.haze * scale))
    far = scene.camera.project(np.array([[0, 0, -3.0], [0, 0, -12.0]]))[:, 1]
    rows = np.arange(photo.height, dtype=np.float32)
    sharp = np.clip((rows - far[1]) / max(float(far[0] - far[1]), 1.0), 0, 1)
    mask = np.repeat((255 * sharp).astype(np.uint8)[:, None], photo.width, axis=1)
    return Image.composite(photo, soft, Image.fromarray(mask))


def _with_pack(behind: Image.Image, scene: Scene) -> Image.Image:
    """The pack before its surroundings, painted finer and reduced, so that its edges and print come out smooth."""
    finer = scene.camera.finer(FINER)
    pack = Image.new("RGBA", finer.size, (0, 0, 0, 0))
    for part in scene.pack:
        part.paint(finer, scene.light, pack)
    small = pack.convert("RGBa").reduce(FINER).convert("RGBA")
    behind.paste(small, (0, 0), small)
    return behind

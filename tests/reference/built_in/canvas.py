"""A square to compose on, measured in 128ths of its side, so that scenes do not know how many pixels they fill."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 128


class Canvas:
    def __init__(self, pixels, sprites, chosen, colour=(255, 255, 255), below=None):
        """`colour` fills it; with `below`, it fades downwards into that colour. `chosen` is the sprite set."""
        self.scale, self.pixels, self.sprites, self.chosen = pixels / SIDE, pixels, sprites, chosen
        if below is None:
            self.picture = Image.new("RGBA", (pixels, pixels), (*colour, 255))
        else:
            down = np.linspace(0, 1, pixels)[:, None, None]
            fade = (np.array(colour) * (1 - down) + np.array(below) * down) * np.ones((pixels, pixels, 1))
            self.picture = Image.fromarray(fade.astype(np.uint8)).convert("RGBA")
        self.pen = ImageDraw.Draw(self.picture)

    def points(self, flat):
        return [(x * self.scale, y * self.scale) for x, y in flat]

    def rectangle(self, left, top, right, bottom, fill):
        corners = [value * self.scale for value in (left, top, right, bottom)]
        self.pen.rectangle([corners[0], corners[1], max(corners[0], corners[2] - 1), max(corners[1], corners[3] - 1)], fill=fill)

    def polygon(self, points, fill):
        self.pen.polygon(self.points(points), fill=fill)

    def ellipse(self, x, y, width, height, fill):
        self.pen.ellipse([value * self.scale for value in (x - width / 2, y - height / 2, x + width / 2, y + height / 2)], fill=fill)

    def blur(self, radius):
        self.replace(self.picture.filter(ImageFilter.GaussianBlur(radius * self.scale)))

    def replace(self, picture):
        self.picture = picture
        self.pen = ImageDraw.Draw(self.picture)

    def shadow(self, x, y, width, height, strength):
        """A soft dark ellipse."""
        layer = Image.new("RGBA", self.picture.size, (20, 16, 24, 0))
        box = [value * self.scale for value in (x - width / 2, y - height / 2, x + width / 2, y + height / 2)]
        ImageDraw.Draw(layer).ellipse(box, fill=(20, 16, 24, int(255 * strength)))
        self.picture.alpha_composite(layer.filter(ImageFilter.GaussianBlur(height / 3 * self.scale)))

    def sprite(self, name, x, y, size, invert=False):
        """The emoji centred at (x, y), `size` wide. False if the set lacks it."""
        drawn = self.sprites.get(self.chosen, name, max(SIDE, self.pixels))
        if drawn is None:
            return False
        side = max(4, round(size * self.scale))
        drawn = drawn.resize((side, side), Image.BILINEAR if side * 2 > drawn.width else Image.BOX)
        if invert:
            values = np.asarray(drawn).copy()
            values[..., :3] = 255 - values[..., :3]
            drawn = Image.fromarray(values)
        layer = Image.new("RGBA", self.picture.size, (0, 0, 0, 0))
        layer.paste(drawn, (round(x * self.scale - side / 2), round(y * self.scale - side / 2)))
        self.picture.alpha_composite(layer)
        return True

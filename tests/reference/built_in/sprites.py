"""Emoji drawings as pictures: SVG from the iconify packages, rendered once to 256 px RGBA and kept on disk.

In: FOLDER/npm from fetch.py. Out: FOLDER/sprites/SET/CODE.png, and `Sprites`, which hands them out at a size.
Sets are joined by code point, as each set has names of its own; U+FE0F (show as picture) is ignored in the joining.
"""

import io
import json

import resvg_py
from PIL import Image

from subjects import CAPTIONS

SETS = {
    "fluent": "fluent-emoji",
    "flat": "fluent-emoji-flat",
    "noto": "noto",
    "contrast": "fluent-emoji-high-contrast",
}
PIXELS = 256
# Sprites that only scenes use.
EXTRA = ["wood", "woman’s hat", "person: blond hair", "lemon"]


def plain_code(hexcode):
    return "-".join(part for part in hexcode.lower().split("-") if part != "fe0f")


def codes_by_name(work):
    """{emojibase name: code}"""
    emoji = json.loads((work / "npm/node_modules/emojibase-data/en/data.json").read_text())
    return {entry["label"]: plain_code(entry["hexcode"]) for entry in emoji}


class Drawings:
    """The SVG of one set, by code."""

    def __init__(self, work, name):
        folder = work / "npm/node_modules/@iconify-json" / SETS[name]
        self.icons = json.loads((folder / "icons.json").read_text())
        # fluent-emoji's own table is empty; its icons are called as in the flat set.
        named_in = folder.with_name(SETS["flat"]) if name == "fluent" else folder
        chars = json.loads((named_in / "chars.json").read_text())
        self.names = {plain_code(code): icon for code, icon in chars.items()}

    def svg(self, code):
        name = self.names.get(code)
        icons = self.icons["icons"]
        if name not in icons:
            name = self.icons.get("aliases", {}).get(name, {}).get("parent")
        if name not in icons:
            return None
        icon = icons[name]
        width, height = icon.get("width", self.icons["width"]), icon.get("height", self.icons["height"])
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" color="#000">{icon["body"]}</svg>'
        )


def render(svg):
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=PIXELS, height=PIXELS))
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    return picture if picture.size == (PIXELS, PIXELS) else picture.resize((PIXELS, PIXELS), Image.LANCZOS)


class Sprites:
    """`get(set, emoji name, pixels)` → RGBA, or None where the set lacks the emoji."""

    def __init__(self, work):
        self.folder = work / "sprites"
        self.codes = codes_by_name(work)
        self.kept = {}
        missing = [name for name in [*CAPTIONS, *EXTRA] if name not in self.codes]
        if missing:
            raise SystemExit(f"emojibase has no emoji called {', '.join(missing)}: mend subjects.py")

    def path(self, chosen, name):
        return self.folder / chosen / f"{self.codes[name]}.png"

    def render_all(self, work):
        for chosen in SETS:
            drawings = Drawings(work, chosen)
            (self.folder / chosen).mkdir(parents=True, exist_ok=True)
            for name in [*CAPTIONS, *EXTRA]:
                path, svg = self.path(chosen, name), drawings.svg(self.codes[name])
                if svg is None:
                    print(f"{chosen} has no {name}")
                elif not path.exists():
                    render(svg).save(path)

    def get(self, chosen, name, pixels):
        key = (chosen, name, pixels)
        if key not in self.kept:
            path = self.path(chosen, name)
            picture = Image.open(path).convert("RGBA") if path.exists() else None
            if picture is not None and pixels != PIXELS:
                picture = picture.resize((pixels, pixels), Image.BOX)
            self.kept[key] = picture
        return self.kept[key]

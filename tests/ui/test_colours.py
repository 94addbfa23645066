"""WCAG AA contrast of every pair of colours that meet, in light and in dark, computed from the stylesheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "static"
SHELL = (STATIC / "shell.css").read_text()
TEXT, SHAPE = 4.5, 3.0
SURFACES = ("paper", "sheet", "well", "hover", "chosen")

# Foreground, backgrounds, least contrast.
PAIRS = [
    ("ink", (*SURFACES, "s1-bg", "s2-bg", "s3-bg", "good-bg"), TEXT),
    ("quiet", SURFACES, TEXT),
    ("link", SURFACES, TEXT),
    ("s1", ("s1-bg", "sheet", "paper", "hover", "chosen"), TEXT),
    ("s2", ("s2-bg", "sheet", "paper", "hover", "chosen"), TEXT),
    ("s3", ("s3-bg",), TEXT),
    ("s4", ("s4-bg",), TEXT),
    ("good", ("good-bg", "sheet", "paper"), TEXT),
    ("on-accent", ("accent", "accent-strong"), TEXT),
    ("rail-ink", ("rail", "rail-hover"), TEXT),
    ("rail-quiet", ("rail", "rail-field"), TEXT),
    ("rail-on", ("rail", "rail-hover", "rail-field"), TEXT),
    ("edge", ("paper", "sheet"), SHAPE),
    ("focus", ("paper", "sheet"), SHAPE),
    ("rail-edge", ("rail",), SHAPE),
]
CASES = [(front, back, least, theme) for front, backs, least in PAIRS for back in backs for theme in ("light", "dark")]


def colour(name: str, theme: str) -> str:
    found = re.search(rf"--{name}: (?:light-dark\((#\w+), (#\w+)\)|(#\w+));", SHELL)
    assert found, f"--{name} is not in shell.css"
    light, dark, both = found.groups()
    return both or (light if theme == "light" else dark)


def luminance(hexed: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(hexed[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class TestColours:
    @pytest.mark.parametrize(("front", "back", "least", "theme"), CASES)
    def test_stand_out(self, front, back, least, theme):  # WCAG 1.4.3, 1.4.11
        assert contrast(colour(front, theme), colour(back, theme)) >= least

    def test_are_named_where_they_are_used(self):
        used = {name for sheet in STATIC.glob("*.css") for name in re.findall(r"var\(--([\w-]+)\)", sheet.read_text())}
        named = {name for sheet in STATIC.glob("*.css") for name in re.findall(r"--([\w-]+):", sheet.read_text())}

        assert used <= named

    def test_move_only_for_those_who_like_it(self):
        sheets = "".join(sheet.read_text() for sheet in STATIC.glob("*.css"))
        calm = sheets.split("@media (prefers-reduced-motion: no-preference)")[0]

        assert "transition" not in calm
        assert "animation" not in sheets

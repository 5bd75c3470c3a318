"""The one visual language: colour, type and spacing tokens, light and dark.

Data flow: tokens -> CSS variables (``css``) for everything drawn in HTML, and -> colours for the
figures and spark lines, which cannot read CSS variables. No colour is written anywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

Scheme = Literal["light", "dark"]

FONT = '"Inter", "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif'


@dataclass(frozen=True)
class Tokens:
    """One set of colours. ``good`` and ``bad`` judge a change; ``immature`` warns."""

    ink: str
    secondary: str
    faint: str
    line: str
    ground: str
    card: str
    brand: str
    brand_soft: str
    brand_quiet: str
    good: str
    bad: str
    bad_soft: str
    immature: str
    immature_soft: str
    promo: str
    hover: str
    skeleton: str


LIGHT = Tokens(
    ink="#1f2329",
    secondary="#646a73",
    faint="#8f959e",
    line="#e8eaed",
    ground="#f5f6f8",
    card="#ffffff",
    brand="#2f54eb",
    brand_soft="#f0f5ff",
    brand_quiet="#adc6ff",
    good="#0b7a66",
    bad="#c4401b",
    bad_soft="#fff1ec",
    immature="#ad6800",
    immature_soft="#fff7e6",
    promo="rgba(250, 173, 20, 0.12)",
    hover="#f7f8fa",
    skeleton="#eceef1",
)
DARK = Tokens(
    ink="#e8eaed",
    secondary="#a9b0ba",
    faint="#8a929d",
    line="#2e333b",
    ground="#14171b",
    card="#1c2026",
    brand="#7f9cff",
    brand_soft="#232c48",
    brand_quiet="#3d4f8f",
    good="#3fc1a5",
    bad="#ff8660",
    bad_soft="#3a211a",
    immature="#f0b95a",
    immature_soft="#35290f",
    promo="rgba(250, 173, 20, 0.14)",
    hover="#23282f",
    skeleton="#262b32",
)
SCHEMES: dict[Scheme, Tokens] = {"light": LIGHT, "dark": DARK}
PRIMARY = LIGHT.brand


def tokens(scheme: str) -> Tokens:
    """The set for a scheme's name; anything unknown (it comes from the browser) is light."""
    return DARK if scheme == "dark" else LIGHT


def css() -> str:
    """The tokens as CSS variables; the dark set follows the reader's system setting."""
    return (
        f":root {{ color-scheme: light dark; --font: {FONT}; {_variables(LIGHT)} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}\n"
    )


def _variables(chosen: Tokens) -> str:
    return " ".join(
        f"--{field.name.replace('_', '-')}: {getattr(chosen, field.name)};"
        for field in fields(chosen)
    )

"""The vocabulary of light: sources, sides, hours that were really said, contrast, tones and colours."""

from typing import Final

from plugin_backend.domain.direction.framing import Side, Tone
from plugin_backend.domain.direction.lexicon import Phrase, table, words
from plugin_backend.domain.direction.terms import Contrast, LightSource

LIGHTS: Final = table(
    {
        LightSource.SUN: "sun, sunlight, sunset, sunrise, golden hour, noon, afternoon, sunny, low sun",
        LightSource.SKY: "dawn, overcast, daylight, dusk, twilight, clouds, skylight",
        LightSource.MOON: "moon, moonlight, moonlit, night",
        LightSource.NEON: "neon, neon sign, neon signs, cyberpunk, leds",
        LightSource.STREET_LAMP: "street lamp, street lamps, lamp, lamps, streetlight, streetlights, "
        "headlights, lantern",
        LightSource.WINDOW: "window, windows, lit window, by a window, lit cabin window, candle, candlelight",
        LightSource.FIRE: "fire, campfire, flames, bonfire, torch, lava",
        LightSource.FIREWORKS: "firework, fireworks",
        LightSource.ARC: "arc, bright arc, welding, welding sparks",
        LightSource.SIDE: "side light, hard side light, hard light, sidelight",
        LightSource.RIM: "rim light, backlight, backlit, silhouette, silhouettes, rim lit",
        LightSource.SOFTBOX: "softbox, soft light, studio light, studio lighting, product light",
    }
)

CONTRASTS: Final = table(
    {
        Contrast.LOW: "soft, foggy, misty, fog, overcast, haze, pastel, low contrast, calm",
        Contrast.HIGH: "hard, hard side light, night, dark, black, silhouettes, high contrast, noir, harsh, "
        "neon, rim light, silhouette",
    }
)

COLOURS: Final[dict[Phrase, str]] = table(
    {
        "#e0261c": "red, crimson, scarlet",
        "#ff3fa0": "pink, magenta, fuchsia",
        "#2f6bff": "blue, azure, cobalt, navy",
        "#17c3c9": "cyan, teal, turquoise",
        "#2f9e44": "green, emerald",
        "#f5c518": "yellow, lemon",
        "#ff8a1f": "orange, amber",
        "#d9a441": "golden, gold, brass",
        "#8f4fff": "purple, violet, lilac",
        "#f4f1ea": "white, ivory, pale",
        "#101114": "black, ebony",
        "#7a4a26": "brown, wooden, rusty",
        "#8d949c": "grey, gray, silver, iron, steel",
    }
)

LIT: Final = table(
    {
        LightSource.SUN: "sunlight, sunlit, sunshine, sun light, sun rays, sunbeams, sun",
        LightSource.SKY: "skylight, daylight",
        LightSource.MOON: "moonlight, moonlit, moon light",
        LightSource.NEON: "neon, neon light, neon lights, neon lit, neon signs, neon sign",
        LightSource.STREET_LAMP: "street lamp, street lamps, streetlight, streetlights, headlights, "
        "lamplight, lamp light, "
        "single lamp, street light, lantern light",
        LightSource.WINDOW: "window light, candlelight, candle light, light through the window",
        LightSource.FIRE: "firelight, fire light, torchlight, campfire light, firelit",
        LightSource.SIDE: "side light, sidelight, side lit",
        LightSource.RIM: "rim light, rim lit, backlight, backlit, back light, rim lighting, edge light",
        LightSource.SOFTBOX: "softbox, soft light, studio light, studio lighting, product light, beauty dish",
    }
)
"""Words that name a source as light, not as a thing in the picture."""

SIDED: Final[dict[Phrase, Side]] = table(
    {
        Side.LEFT: "from the left, from left, from camera left, from screen left, from frame left, "
        "from the left side, "
        "from the left hand side, on the left side of her face, on the left side of his face",
        Side.RIGHT: "from the right, from right, from camera right, from screen right, from frame right, "
        "from the right side, from the right hand side",
        Side.BEHIND: "from behind, from the back, from the rear, from the background",
        Side.FRONT: "from the front, from in front, from the camera",
        Side.ABOVE: "from above, from the top, from overhead, from the ceiling",
        Side.BELOW: "from below, from underneath, from the floor, from beneath",
    }
)
LIT_SIDES: Final[dict[Phrase, Side]] = table(
    {
        Side.BEHIND: "backlit, backlight, back light, back lit, backlighting, contre jour",
        Side.FRONT: "front light, front lit, frontal light, front lighting",
        Side.ABOVE: "top light, top lit, overhead light, overhead lights, overhead lamp, "
        "overhead fluorescent light, overhead fluorescent, overhead lighting, toplight, top lighting, "
        "ceiling light",
        Side.BELOW: "underlit, uplit, under lighting, uplight, uplighting",
        Side.LEFT: "left side light, left key, left light",
        Side.RIGHT: "right side light, right key, right light",
    }
)
"""Phrases that are light and its side in one."""

ASKED_CONTRASTS: Final = table(
    {
        Contrast.LOW: "low contrast, soft light, soft lighting, flat light, flat lighting, "
        "diffused light, diffuse light",
        Contrast.HIGH: "high contrast, hard light, hard side light, harsh light, noir, chiaroscuro, low key, "
        "strong contrast, deep shadows, hard shadows",
    }
)
TONES: Final = table(
    {
        Tone.WARM: "warm tones, warm light, warm colours, warm colors, warm palette, warm grade, "
        "warm lighting, warm tone, "
        "warm hues, warm glow",
        Tone.COLD: "cold tones, cool tones, cold light, cool light, cold colours, cold colors, "
        "cool colours, cool colors, "
        "cold palette, cool palette, cold grade, bluish, cold lighting",
        Tone.MUTED: "muted, muted colours, muted colors, desaturated, washed out, bleach bypass, "
        "subdued colours",
        Tone.VIVID: "vivid, vivid colours, vivid colors, saturated, vibrant, vibrant colours, "
        "vibrant colors, colourful, "
        "colorful",
        Tone.PASTEL: "pastel, pastels, pastel colours, pastel colors, pastel palette",
        Tone.MONOCHROME: "monochrome, black and white, black white, b w, greyscale, grayscale",
        Tone.SEPIA: "sepia",
        Tone.DARK: "low key, dark and moody, underexposed, dimly lit",
        Tone.BRIGHT: "high key, brightly lit, bright and airy, overexposed",
    }
)
PAINTED: Final = words(
    "light lights tones tone palette glow hues hue grade grading neon haze tint cast lighting colours",
    "colors scheme wash sky",
)
"""Words after a colour that make it the picture's own, not a subject's."""

"""The film vocabulary: which words choose what. Longer phrases win over the words inside them."""

from typing import Final, TypeVar

from plugin_backend.domain.direction.terms import (
    Action,
    Contrast,
    Environment,
    Heading,
    LightSource,
    Mood,
    Move,
    SubjectKind,
    TimeOfDay,
    Weather,
)

Phrase = tuple[str, ...]
Term = TypeVar("Term")


def _table(rows: dict[Term, str]) -> dict[Phrase, Term]:
    """From `term: "word, two words"` to `("two", "words"): term`."""
    return {tuple(phrase.split()): term for term, phrases in rows.items() for phrase in phrases.split(",")}


ENVIRONMENTS: Final = _table(
    {
        Environment.FOREST: "forest, forests, woods, woodland, pine, pines, pine trees, jungle, "
        "grove, birches, "
        "redwoods",
        Environment.STREET: "street, alley, asphalt, neon, downtown, crosswalk, road at night, "
        "pavement, sidewalk, "
        "tokyo",
        Environment.HARBOUR: "harbour, harbor, marina, port, pier, dock, docks, jetty, quay, fishing village",
        Environment.LAKE: "lake, pond, reservoir, lagoon, black lake",
        Environment.WALL: "brick wall, wall, bricks, pendulum",
        Environment.GALLERY: "gallery, museum, white column, column, white room, pillar, hall, "
        "corridor, studio",
        Environment.COUNTER: "counter, kitchen, cafe, coffee, espresso, tea, breakfast, bar, "
        "glass on a counter",
        Environment.DESERT: "desert, dune, dunes, sahara, sand sea, sands",
        Environment.WORKSHOP: "workshop, garage, factory, forge, welding, welder, foundry, shipyard, "
        "warehouse",
        Environment.TABLETOP: "marble, product, perfume, perfume bottle, packshot, turntable, "
        "black marble, tabletop",
        Environment.PLATFORM: "platform, station, railway, train station, subway, metro, train",
        Environment.CABIN: "cabin, cabin window, chalet, hut, log cabin, lodge, cottage",
        Environment.COAST: "sea, ocean, beach, coast, shore, shoreline, waves, cliffs, island, surf, bay",
        Environment.MOUNTAINS: "mountain, mountains, alps, peaks, ridge, ridges, valley, canyon, "
        "summit, glacier, "
        "hills",
        Environment.MEADOW: "meadow, field, fields, grass, prairie, farm, countryside, garden, "
        "park, plain, steppe, "
        "lawn",
        Environment.CITY: "city, skyline, skyscraper, skyscrapers, rooftop, rooftops, towers, metropolis, "
        "manhattan, town",
        Environment.SPACE: "space, galaxy, nebula, planet, orbiting, cosmos, starfield, astronaut",
    }
)

SUBJECTS: Final = _table(
    {
        SubjectKind.PERSON: "person, figure, man, woman, walker, traveller, traveler, hiker, girl, "
        "boy, dancer, "
        "runner, he, she, someone, stranger, detective, astronaut, knight, monk, hero, welder, "
        "rider",
        SubjectKind.CROWD: "people, crowd, crowds, silhouettes of people, audience, couple, friends, family, "
        "pedestrians",
        SubjectKind.CHILD: "child, kid, children, kids, toddler",
        SubjectKind.DOG: "dog, dogs, puppy, wolf, fox, cat, cats, kitten",
        SubjectKind.HORSE: "horse, horses, deer, stag, cow, cows, elk, bison",
        SubjectKind.CAMEL: "camel, camels, caravan",
        SubjectKind.BIRD: "bird, birds, gull, gulls, seagull, seagulls, crow, crows, eagle, "
        "swan, geese, flock, "
        "ravens",
        SubjectKind.TREE: "tree, trees, oak, palm, palms, willow, birch, pines, cypress",
        SubjectKind.HOUSE: "house, houses, home, cabin, barn, farmhouse, church, cottage, hut, "
        "village, castle, "
        "temple",
        SubjectKind.TOWER: "tower, lighthouse, windmill, skyscraper, spire, monument",
        SubjectKind.CAR: "car, cars, taxi, truck, bus, van, motorcycle, vehicle, jeep",
        SubjectKind.TRAIN: "train, tram, locomotive, carriages",
        SubjectKind.BOAT: "boat, boats, ship, ships, sailboat, sailing boats, canoe, ferry, yacht, yachts, "
        "trawler",
        SubjectKind.BALLOON: "balloon, balloons, hot air balloon, hot air balloons, airship, "
        "lantern, lanterns",
        SubjectKind.UMBRELLA: "umbrella, umbrellas, parasol",
        SubjectKind.FIREWORKS: "firework, fireworks",
        SubjectKind.PENDULUM: "pendulum, wrecking ball, metronome",
        SubjectKind.BALL: "ball, balls, marble ball, football, sphere, orb",
        SubjectKind.COLUMN: "column, columns, pillar, pillars",
        SubjectKind.GLASS: "glass, cup, mug, espresso, teacup, tumbler",
        SubjectKind.BOTTLE: "bottle, perfume, perfume bottle, flask, vase, phone, watch, product",
        SubjectKind.ARC: "welding, welding sparks, arc, blowtorch, forge, grinder",
        SubjectKind.SUN: "sun, sunbeam, sunbeams, sun rays",
        SubjectKind.MOON: "moon, full moon, crescent moon",
        SubjectKind.STARS: "stars, milky way, starry",
    }
)

WEATHERS: Final = _table(
    {
        Weather.CLEAR: "clear sky, clear, cloudless, sunny, blue sky",
        Weather.CLOUDS: "cloud, clouds, cloudy, overcast, grey sky, gray sky",
        Weather.FOG: "fog, foggy, mist, misty, drifting fog, smoke, smoky",
        Weather.RAIN: "rain, raining, rainy, downpour, drizzle, rainfall, in the rain",
        Weather.WET: "after rain, wet, wet asphalt, puddles, puddle",
        Weather.SNOW: "snow, snowing, snowy, snowfall, blizzard, snow falling, snowflakes",
        Weather.STORM: "storm, stormy, thunder, lightning, tempest, thunderstorm",
        Weather.HAZE: "heat haze, haze, hazy, dust, dusty, heat shimmer",
        Weather.LEAVES: "falling leaves, autumn, autumn leaves, leaves, petals, blossom",
    }
)

TIMES: Final = _table(
    {
        TimeOfDay.DAWN: "dawn, sunrise, daybreak, first light, early morning",
        TimeOfDay.MORNING: "morning, daylight, day, bright",
        TimeOfDay.NOON: "noon, midday, high noon, harsh sun",
        TimeOfDay.AFTERNOON: "afternoon, late afternoon, low sun",
        TimeOfDay.GOLDEN: "golden hour, golden light, sunset, golden, magic hour, sundown, evening sun",
        TimeOfDay.DUSK: "dusk, twilight, blue hour, evening, nightfall",
        TimeOfDay.NIGHT: "night, midnight, nighttime, moonlight, moonlit, dark sky, starry, fireworks, neon",
        TimeOfDay.INDOORS: "indoors, interior, inside, studio light, workshop",
    }
)

MOODS: Final = _table(
    {
        Mood.CALM: "calm, gentle, gently, peaceful, quiet, serene, slow, soft, still, tranquil",
        Mood.EPIC: "epic, aerial, sweeping, majestic, grand, vast, heroic, dramatic",
        Mood.TENSE: "tense, hard, dark workshop, frantic, chase, handheld, menacing, ominous",
        Mood.JOYFUL: "joyful, happy, playful, festive, fireworks, celebration, bright",
        Mood.MELANCHOLY: "melancholy, lonely, sad, after rain, alone, nostalgic, wistful",
        Mood.INTIMATE: "intimate, macro, close up, shallow depth, cosy, cozy, warm",
        Mood.MYSTERIOUS: "mysterious, silhouettes, fog, eerie, hidden, secret, misty",
    }
)

MOVES: Final = _table(
    {
        Move.STATIC: "static, static shot, locked off, tripod, still camera, fixed camera, "
        "no camera movement",
        Move.DOLLY_IN: "dolly in, push in, dollies in, pushes in, move in, moves in, move forward, "
        "moves forward, fly through, forward through, track in, dolly forward, flythrough, "
        "macro, flies over, dolly",
        Move.DOLLY_OUT: "dolly out, pull out, pull back, pulls back, dolly back, move back, pulls out, "
        "dolly backward",
        Move.TRUCK_LEFT: "truck left, track left, tracks left, tracking left, trucks left, slide left, "
        "slides left",
        Move.TRUCK_RIGHT: "truck right, track right, tracks right, tracking right, trucks right, "
        "slide right, "
        "slides right, tracking shot",
        Move.PAN_LEFT: "pan left, pans left, panning left",
        Move.PAN_RIGHT: "pan right, pans right, panning right, pan, pans",
        Move.TILT_UP: "tilt up, tilts up, tilting up, look up, looks up",
        Move.TILT_DOWN: "tilt down, tilts down, tilting down, look down",
        Move.CRANE_UP: "crane up, cranes up, pedestal up, boom up, rises over, camera rises, jib up, crane",
        Move.CRANE_DOWN: "crane down, cranes down, pedestal down, boom down, descends, camera lowers",
        Move.ORBIT_LEFT: "orbit left, orbits left, arc left, circle left",
        Move.ORBIT_RIGHT: "orbit, orbits, orbit right, orbits right, arc right, circle right, circles, "
        "rotates around, circle around, turntable, 360",
        Move.ZOOM_IN: "zoom in, zooms in, crash zoom, zoom",
        Move.ZOOM_OUT: "zoom out, zooms out",
        Move.ROLL_LEFT: "roll left, camera rolls left, camera roll left",
        Move.ROLL_RIGHT: "roll right, camera rolls, camera rolls right, camera roll right, roll the camera",
        Move.HANDHELD: "handheld, hand held, shaky, shaky cam, documentary style",
    }
)

WAYS: Final = {
    "left": frozenset({Move.TRUCK_LEFT, Move.PAN_LEFT, Move.ORBIT_LEFT, Move.ROLL_LEFT}),
    "right": frozenset({Move.TRUCK_RIGHT, Move.PAN_RIGHT, Move.ORBIT_RIGHT, Move.ROLL_RIGHT}),
    "up": frozenset({Move.TILT_UP, Move.CRANE_UP}),
    "down": frozenset({Move.TILT_DOWN, Move.CRANE_DOWN}),
    "in": frozenset({Move.DOLLY_IN, Move.ZOOM_IN}),
    "out": frozenset({Move.DOLLY_OUT, Move.ZOOM_OUT}),
    "forward": frozenset({Move.DOLLY_IN}),
    "back": frozenset({Move.DOLLY_OUT}),
    "backward": frozenset({Move.DOLLY_OUT}),
}
"""Which moves a word of direction can be about; directions are the camera's own."""

PACES: Final = frozenset(
    {
        "very",
        "slowly",
        "gently",
        "smoothly",
        "gradually",
        "slightly",
        "subtly",
        "steadily",
        "softly",
        "quickly",
        "rapidly",
        "barely",
    }
)
"""Words that may stand between a move and where it goes."""

ACTIONS: Final = _table(
    {
        Action.WALK: "walk, walks, walking, strolls, strolling, wanders, hikes",
        Action.RUN: "run, runs, running, sprints, gallops, galloping, chases",
        Action.CROSS: "cross, crosses, crossing, pass, passes, passing, drives, driving, sails, sailing, "
        "moves",
        Action.ROLL: "roll, rolls, rolling, bounces",
        Action.SWING: "swing, swings, swinging, sways, swaying",
        Action.ROCK: "rock, rocks, rocking, bobbing, floats, floating, drifts",
        Action.FLY: "fly, flies, flying, soars, soaring, hovers",
        Action.BURST: "burst, bursts, explode, explodes, exploding",
        Action.POUR: "pour, pours, poured, pouring, fills, filling",
        Action.RISE: "rise, rises, rising, ascends, steam rising",
        Action.FALL: "fall, falls, falling, drops, dripping",
        Action.SPARK: "spark, sparks, sparking, welding sparks, glows",
        Action.STAND: "stand, stands, standing, sits, sitting, waits, waiting",
    }
)

HEADINGS: Final = _table(
    {
        Heading.LEFT: "right to left, to the left, left, leftward, leftwards, from the right, "
        "from right to left",
        Heading.RIGHT: "left to right, to the right, right, rightward, rightwards, from the left, "
        "from left to right",
        Heading.UP: "upward, upwards, up, skyward, rising",
        Heading.DOWN: "downward, downwards, down, falling",
    }
)

LIGHTS: Final = _table(
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

CONTRASTS: Final = _table(
    {
        Contrast.LOW: "soft, foggy, misty, fog, overcast, haze, pastel, low contrast, calm",
        Contrast.HIGH: "hard, hard side light, night, dark, black, silhouettes, high contrast, noir, harsh, "
        "neon, rim light, silhouette",
    }
)

COLOURS: Final[dict[Phrase, str]] = _table(
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

STRENGTHS: Final[dict[Phrase, float]] = {
    tuple(phrase.split()): strength
    for strength, phrases in (
        (0.3, "very slow,very slowly,barely,subtle,slight,slightly,gently"),
        (0.45, "slow,slowly,gentle,smooth,smoothly,soft,gradual,gradually,creeping"),
        (0.9, "fast,quick,quickly,rapid,rapidly,whip,dramatic,sweeping,frantic"),
    )
    for phrase in phrases.split(",")
}

LOOPS: Final[frozenset[Phrase]] = frozenset(
    tuple(phrase.split()) for phrase in ("seamless loop", "loop", "looping", "loops", "cinemagraph", "looped")
)

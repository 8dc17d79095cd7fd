"""The scene's vocabulary: which words choose a place, a subject, the weather, the hour and the mood."""

from typing import Final

from plugin_backend.domain.direction.lexicon import table, words
from plugin_backend.domain.direction.terms import Environment, Mood, SubjectKind, TimeOfDay, Weather

ENVIRONMENTS: Final = table(
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

SUBJECTS: Final = table(
    {
        SubjectKind.PERSON: "person, figure, man, woman, walker, traveller, traveler, hiker, girl, "
        "boy, dancer, "
        "runner, he, she, someone, stranger, detective, astronaut, knight, monk, hero, welder, "
        "rider, fisherman, boxer, surfer, sailor, skater, cyclist, waiter, waitress, chef, cook, driver, "
        "soldier, "
        "farmer, teacher, nurse, doctor, singer, guitarist, violinist, pianist, actor, actress, model, "
        "bride, "
        "groom, swimmer, climber, skier, lady, gentleman, guy, fighter, samurai, warrior, wizard, king, "
        "queen, "
        "prince, princess, ballerina, player, painter, potter, artist, athlete, barista, photographer, "
        "thief, "
        "pilot, grandmother, grandfather, mother, father, teenager, men, women, two men, two women",
        SubjectKind.CROWD: "people, crowd, crowds, silhouettes of people, audience, couple, friends, family, "
        "pedestrians, girls, boys, dancers, runners, soldiers, musicians, tourists, commuters, "
        "protesters, humans",
        SubjectKind.CHILD: "child, kid, children, kids, toddler, baby",
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
        SubjectKind.CAR: "car, cars, taxi, truck, bus, van, motorcycle, vehicle, jeep, taxis, trucks, buses, "
        "vans, vehicles, bike, bicycle, motorbike, scooter",
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

WEATHERS: Final = table(
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

TIMES: Final = table(
    {
        TimeOfDay.DAWN: "dawn, sunrise, daybreak, first light, early morning",
        TimeOfDay.MORNING: "morning, daylight, day, bright",
        TimeOfDay.NOON: "noon, midday, high noon, harsh sun",
        TimeOfDay.AFTERNOON: "afternoon, late afternoon, low sun, sun low",
        TimeOfDay.GOLDEN: "golden hour, golden light, sunset, golden, magic hour, sundown, evening sun",
        TimeOfDay.DUSK: "dusk, twilight, blue hour, evening, nightfall",
        TimeOfDay.NIGHT: "night, midnight, nighttime, moonlight, moonlit, dark sky, starry, stars, "
        "milky way, fireworks, neon",
        TimeOfDay.INDOORS: "indoors, interior, inside, studio light, workshop",
    }
)

MOODS: Final = table(
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

THINGS: Final = words(
    "robot robots elephant elephants lion lions tiger bear bears monkey rabbit mouse fish shark",
    "whale whales dolphin dolphins turtle snake spider butterfly butterflies bee owl hawk duck ducks",
    "sheep goat pig cow dragon dinosaur unicorn monster ghost alien rocket spaceship spacecraft plane",
    "airplane aeroplane jet helicopter submarine bridge door doors window gate statue fountain bench",
    "table chair bed lamp sign book letter newspaper phone laptop guitar piano violin flower flowers",
    "rose roses apple orange cake bread pizza burger soup plate bowl spoon knife sword gun coin ring",
    "crown mask hat coat dress shoe shoes glove hand hands eye eyes face hair feather leaf leaves",
    "petals snowflake snowflakes raindrop rock stone stones boulder candle fire flame flames smoke",
    "steam dust water river waterfall wave waves sea rain snow clouds cloud fog mist lightning sparks",
    "tent flag kite swing carousel wheel clock watch mirror curtain curtains box suitcase bag basket",
    "boots planet earth mars comet asteroid satellite cup light lights headlights",
    "shadow shadows bubbles ink paint paper tram elevator escalator staircase stairs fence wall",
    "hill logo product",
) - {"camera", "crew", "lift"}
"""Nouns beside the subjects that an editor may direct; a brief's other nouns are found by their place."""
ELEMENTS: Final = words(
    "fire flame flames smoke steam dust water river waterfall wave waves sea rain snow clouds cloud",
    "fog mist lightning sparks light lights headlights shadow shadows leaves petals snowflake",
    "snowflakes raindrop window wall fence hill hand hands eye eyes face hair",
)
"""Things that move or are named without being what the shot is of."""
PRONOUNS: Final = words(
    "he she it they him her them someone who that which",
)
IMPLIED_HOURS: Final = frozenset(
    {
        ("neon",),
        ("bright",),
        ("fireworks",),
        ("workshop",),
        ("golden",),
        ("golden", "light"),
        ("starry",),
        ("inside",),
    }
)
"""What makes an hour likely without asking for it."""
IMPLIED_WEATHERS: Final = frozenset(
    {("clear",), ("leaves",), ("petals",), ("dust",), ("autumn",), ("blossom",), ("wet",)}
)

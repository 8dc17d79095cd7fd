"""What subjects do, and which way: verbs and headings."""

from typing import Final

from plugin_backend.domain.direction.lexicon import Phrase, table, words
from plugin_backend.domain.direction.terms import Action, Heading

ACTIONS: Final = table(
    {
        Action.WALK: "walk, stroll, wander, hike, march, walks, walking, strolls, strolling, wanders, "
        "wandering, hikes, hiking, "
        "marches, marching, "
        "steps, strides, striding, tiptoes, limps, enters, entering, leaves the frame, exits",
        Action.RUN: "run, sprint, gallop, race, rush, chase, runs, running, sprints, sprinting, gallops, "
        "galloping, chases, jogs, jogging, "
        "races, racing, "
        "rushes, dashes",
        Action.CROSS: "goes, going, heads, heading, cross, drive, sail, move, arrive, ride, swim, crawl, "
        "glide, slide, crosses, "
        "crossing, pass, passes, passing, drives, driving, sails, sailing, "
        "moves, "
        "moving, arrives, arriving, rides, riding, cycles, cycling, skates, skating, swims, swimming, "
        "crawls, "
        "crawling, slides, sliding, travels, glides, gliding, approaches, approaching, departs, speeds",
        Action.ROLL: "roll, rolls, rolling, bounces, bouncing",
        Action.SWING: "swing, swings, swinging, sways, swaying, waves in the wind, flutters, fluttering",
        Action.ROCK: "rock, float, drift, bob, rocks, rocking, bobbing, bobs, floats, floating, drifts, "
        "drifting",
        Action.FLY: "fly, soar, hover, flies, flying, soars, soaring, hovers, hovering, takes off",
        Action.BURST: "burst, bursts, bursting, explode, explodes, exploding, shatters, shattering, "
        "breaks, breaking, pops",
        Action.POUR: "pour, pours, poured, pouring, fills, filling",
        Action.RISE: "rise, climb, rises, rising, ascends, steam rising, floats up, float up, climbs, "
        "climbing, "
        "stands up, gets up",
        Action.FALL: "lands, landing, fall, drop, drip, collapse, tumble, falls, falling, drops, "
        "dropping, dripping, "
        "drips, collapses, tumbles, sinks, "
        "sinking",
        Action.SPARK: "spark, glow, flicker, burn, sparks, sparking, welding sparks, glows, glowing, "
        "flickers, flickering, "
        "burns, burning",
        Action.STAND: "sits down, sit down, lies down, kneels down, stand, wait, stop, sleep, kneel, "
        "rest, lean, "
        "stands, standing, sits, sit, sitting, waits, waiting, stops, stays, lies, lying, sleeps, "
        "sleeping, kneels, kneeling, rests, resting, leans, leaning",
        Action.TURN: "turns, turn, turning, turns around, turns away",
        Action.JUMP: "jump, leap, hop, dive, jumps, jumping, leaps, leaping, hops, hopping, dives, diving",
        Action.LOOK: "look, stare, gaze, watch, glance, looks, looking, stares, staring, gazes, gazing, "
        "watches, watching, glances",
        Action.DANCE: "dance, dances, dancing, twirls, twirling",
        Action.SPIN: "spin, spins, spinning, rotates, rotating, circles, circling, whirls, whirling",
        Action.OPEN: "slams, shuts, opens, opening, closes, closing, unfolds, blooms, blooming",
        Action.REACH: "reaches, reaching, wave, waves, waving, points, pointing, grabs, picks up, lifts, "
        "lifting, holds, "
        "holding, throws, throwing, catches, is lifted, raises",
        Action.ACT: "feeds, feeding, smiles, smiling, laughs, laughing, cries, crying, eats, eating, "
        "drinks, drinking, "
        "reads, reading, "
        "writes, writing, sings, singing, plays, playing, hugs, hugging, kisses, kissing, nods, talks, "
        "talking, "
        "speaks, speaking, cooks, cooking, paints, painting, smokes, smoking, fights, fighting, works, "
        "working, "
        "kneads, kneading, blinks, breathes, shakes, barks, howls, roars, claps, melts, disappears, vanishes",
    }
)

NOUNS_TOO: Final = words(
    "stroll hike march sprint gallop race rush chase drive sail move ride swim crawl glide slide float",
    "drift bob soar hover wait stop sleep rest lean leap hop dive drop drip collapse tumble turn stare",
    "gaze watch glance climb glow flicker burn wander arrive kneel",
    "walk run cross pass roll swing rock fly burst pour rise fall spark stand sit jump look dance",
    "spin wave waves rocks sparks drops falls breaks points steps races works plays flies leaves pops",
    "lies opening painting turns runs rolls drips paints smokes swings rides hops jumps dances looks",
    "reads sails cycles burns moves building cooks hold holding rests leans",
)
"""Words that are a verb only right after who does it."""

AUXILIARIES: Final = words(
    "is are was were slowly quickly gently suddenly then and just also begins starts begin start to",
    "can will quietly softly always still both who that which each",
)
"""What may stand between a subject and its verb."""

HEADINGS: Final[dict[Phrase, Heading]] = table(
    {
        Heading.LEFT: "right to left, to the left, left, leftward, leftwards, from the right, "
        "from right to left, to frame left, to screen left, to camera left, towards the left, "
        "toward the left",
        Heading.RIGHT: "left to right, to the right, right, rightward, rightwards, from the left, "
        "from left to right, to frame right, to screen right, to camera right, towards the right, "
        "toward the right",
        Heading.UP: "upward, upwards, up, skyward, rising",
        Heading.DOWN: "downward, downwards, down, falling",
    }
)

LOOPS: Final[frozenset[Phrase]] = frozenset(
    tuple(phrase.split()) for phrase in ("seamless loop", "loop", "looping", "loops", "cinemagraph", "looped")
)

PREPOSITIONS: Final = words(
    "on at to of around past over toward towards with through behind along across from onto into by",
    "near above below beneath under beside between against in inside under for about without like",
    "alongside",
)
"""What stands before a noun that does nothing itself."""

"""The film vocabulary: camera moves, framing, and how strongly a thing is done."""

from typing import Final

from plugin_backend.domain.direction.framing import Angle, Composition, Lens, ShotSize, Technique
from plugin_backend.domain.direction.lexicon import Phrase, table, words
from plugin_backend.domain.direction.terms import Move

MOVES: Final = table(
    {
        Move.STATIC: "static, static shot, instead of moving the camera, rather than moving the camera, "
        "keep the camera locked, camera locked, keep the camera static,  locked off, lock off, "
        "locked down, tripod, still camera, "
        "fixed camera, "
        "camera fixed, static camera, camera static, no camera movement, no camera motion, no camera move, "
        "no camera moves, without camera movement, without camera motion, without any camera movement, "
        "without any camera motion, without moving the camera, camera does not move, camera doesn't move, "
        "do not move the camera, don't move the camera, never move the camera, camera never moves, "
        "no movement of the camera, camera stays still, camera stays put, camera stays fixed, "
        "camera is still, "
        "camera is fixed, camera remains still, camera remains static, camera holds still, hold static, "
        "hold still, hold the shot, stay still, keep the camera still, nailed down",
        Move.DOLLY_IN: "dolly in, push in, dollies in, pushes in, pushing in, dollying in, track in, "
        "tracks in, "
        "dolly forward, dollies forward, push forward, pushes forward, flythrough, dolly, dolly shot, "
        "truck in, creep in, creeps in, creeping in, camera forward, push towards, push toward, "
        "dolly towards, "
        "dolly toward, glide forward, glides forward, gliding forward, fpv, forward tracking",
        Move.DOLLY_OUT: "dolly out, dollies out, pull out, pull back, pulls back, pulling back, dolly back, "
        "dollies back, pulls out, pulling out, dolly backward, dolly backwards, dolly away, pull away, "
        "pulls away, "
        "track out, tracks out, track back, tracks back, glides back, backs away",
        Move.TRUCK_LEFT: "truck left, track left, tracks left, tracking left, trucks left, trucking left, "
        "dolly left, dollies left, lateral left, crab left, crabs left",
        Move.TRUCK_RIGHT: "truck right, track right, tracks right, tracking right, trucks right, "
        "trucking right, "
        "dolly right, dollies right, crab right, crabs right, tracking shot, trucking shot, truck, trucks, "
        "crab, lateral move, lateral tracking",
        Move.PAN_LEFT: "pan left, pans left, panning left, whip pan left, swish pan left",
        Move.PAN_RIGHT: "pan right, pans right, panning right, pan, pans, panning, whip pan, whip pans, "
        "whip pan right, swish pan, swish pan right",
        Move.TILT_UP: "tilt up, tilts up, tilting up, tilt, tilts",
        Move.TILT_DOWN: "tilt down, tilts down, tilting down",
        Move.CRANE_UP: "crane up, cranes up, craning up, pedestal up, pedestals up, boom up, booms up, "
        "jib up, "
        "crane shot, crane move, crane, drone rises, drone shot rising, drone rising, drone ascends, "
        "rising drone shot, rising aerial",
        Move.CRANE_DOWN: "crane down, cranes down, craning down, pedestal down, boom down, booms down, "
        "jib down, "
        "drone descends, drone descending, descending drone shot",
        Move.ORBIT_LEFT: "orbit left, orbits left, orbiting left, arc left, arcs left",
        Move.ORBIT_RIGHT: "orbit, orbits, orbiting, orbit right, orbits right, arc right, arcs right, "
        "arc shot, "
        "moves in an arc, moves in a slow arc, move in an arc, in a slow arc, in an arc, turntable, 360, "
        "360 degree",
        Move.ZOOM_IN: "zoom in, zooms in, zooming in, crash zoom, crash zoom in, zoom, zooms, punch in, "
        "snap zoom",
        Move.ZOOM_OUT: "zoom out, zooms out, zooming out, crash zoom out, punch out",
        Move.ROLL_LEFT: "roll left, camera roll left",
        Move.ROLL_RIGHT: "roll right, camera roll, camera roll right, roll the camera, barrel roll",
        Move.HANDHELD: "handheld, hand held, shaky, shaky cam, documentary style, camera shake",
    }
)
"""A camera's, whoever is named before."""

LOOSE_MOVES: Final = table(
    {
        Move.STATIC: "hold, holds, hold on, holds on, holding, stays, stays still, remains still, rests",
        Move.DOLLY_IN: "move in, moves in, moving in, move forward, moves forward, moving forward, "
        "fly through, "
        "flies through, flying through, forward through, fly over, flies over, flying over, glides, "
        "glides in, "
        "glides through, glides over, move closer, moves closer, gets closer, approaches, move towards, "
        "moves towards, moves toward, drifts in, drifts forward, slides forward, slide forward, "
        "travels forward, eases in, advances",
        Move.DOLLY_OUT: "move back, moves back, moving back, retreats, moves away, drifts back, "
        "eases out, recedes, "
        "moves out, backs up",
        Move.TRUCK_LEFT: "slide left, slides left, sliding left, move left, moves left, moving left, "
        "drifts left, "
        "glides left, travels left",
        Move.TRUCK_RIGHT: "slide right, slides right, sliding right, move right, moves right, moving right, "
        "drifts right, glides right, travels right, slides, travels, drift, drifts, drifting, glide, "
        "slide, sliding",
        Move.PAN_LEFT: "turn left, turns left, swings left, looks left, look left, sweeps left",
        Move.PAN_RIGHT: "turn right, turns right, swings right, looks right, look right, sweeps right, "
        "sweeps",
        Move.TILT_UP: "look up, looks up, looking up",
        Move.TILT_DOWN: "look down, looks down, looking down",
        Move.CRANE_UP: "rises over, rises above, rise over, rises, rise, ascends, ascending, climbs, "
        "climbing, lifts up, "
        "lifts, goes up, "
        "moves up, rising",
        Move.CRANE_DOWN: "descends, descend, descending, lowering, lowers, lower, drops down, sinks, "
        "goes down, moves down, "
        "comes down",
        Move.ORBIT_LEFT: "circle left, circles left, circling left",
        Move.ORBIT_RIGHT: "circle, circles, circling, circle right, circles right, rotates around, "
        "rotate around, "
        "circle around, circles around, revolves around, moves around, goes around, spins around",
        Move.ROLL_LEFT: "rolls left",
        Move.ROLL_RIGHT: "rolls, rolls right",
    }
)
"""A camera's only where the camera does it: anybody may look up."""

FOLLOWS: Final = words(
    "follow follows following track tracks tracking chase chases chasing accompanies trails",
)
CAMERAS: Final = frozenset(["camera", "cameras", "drone", "gimbal", "steadicam", "viewpoint"])
"""Who does a camera's move. A shot or a view does one too where its verb follows at once."""

WAYS: Final = {
    "left": frozenset({Move.TRUCK_LEFT, Move.PAN_LEFT, Move.ORBIT_LEFT, Move.ROLL_LEFT}),
    "right": frozenset({Move.TRUCK_RIGHT, Move.PAN_RIGHT, Move.ORBIT_RIGHT, Move.ROLL_RIGHT}),
    "clockwise": frozenset({Move.ORBIT_LEFT, Move.ROLL_RIGHT}),  # an orbit's as seen from above
    "counterclockwise": frozenset({Move.ORBIT_RIGHT, Move.ROLL_LEFT}),
    "anticlockwise": frozenset({Move.ORBIT_RIGHT, Move.ROLL_LEFT}),
    "up": frozenset({Move.TILT_UP, Move.CRANE_UP}),
    "upward": frozenset({Move.TILT_UP, Move.CRANE_UP}),
    "upwards": frozenset({Move.TILT_UP, Move.CRANE_UP}),
    "down": frozenset({Move.TILT_DOWN, Move.CRANE_DOWN}),
    "downward": frozenset({Move.TILT_DOWN, Move.CRANE_DOWN}),
    "downwards": frozenset({Move.TILT_DOWN, Move.CRANE_DOWN}),
    "in": frozenset({Move.DOLLY_IN, Move.ZOOM_IN}),
    "into": frozenset({Move.ZOOM_IN}),
    "out": frozenset({Move.DOLLY_OUT, Move.ZOOM_OUT}),
    "forward": frozenset({Move.DOLLY_IN}),
    "back": frozenset({Move.DOLLY_OUT}),
    "backward": frozenset({Move.DOLLY_OUT}),
    "backwards": frozenset({Move.DOLLY_OUT}),
    "away": frozenset({Move.DOLLY_OUT}),
}
"""Which moves a word of direction can be about; directions are the camera's own."""

EITHER_WAY: Final = frozenset(
    table(
        {
            True: "pan, pans, panning, whip pan, whip pans, swish pan, tracking shot, trucking shot, truck, "
            "trucks, crab, lateral move, lateral tracking, camera tracks, camera track, tilt, tilts, "
            "crane shot, crane move, crane, orbit, orbits, orbiting, arc shot, moves in an arc, moves "
            "in a slow arc, move in an arc, in a slow arc, in an arc, turntable, 360, 360 degree, zoom, "
            "zooms, dolly, dolly shot, camera roll, roll the camera, barrel roll, circle, circles, "
            "circling, rotates around, rotate around, circle around, circles around, revolves around, "
            "moves around, goes around, spins around, rolls, slides, drift, drifts, drifting, glide, "
            "slide, sliding, travels, sweeps"
        }
    )
)
"""Phrases that leave it open which way the camera goes."""

PACES: Final = words(
    "very slowly gently smoothly gradually slightly subtly steadily softly quickly rapidly barely",
    "slow fast then quietly suddenly briefly also now",
) - {"slow", "fast", "then"}
"""Words that may stand between a move and where it goes."""

STRENGTHS: Final[dict[Phrase, float]] = {
    tuple(phrase.split()): strength
    for strength, phrases in (
        (0.3, "very slow,very slowly,barely,subtle,subtly,slight,slightly,gently,imperceptibly"),
        (0.45, "slow,slowly,gentle,smooth,smoothly,soft,gradual,gradually,creeping,creep"),
        (0.9, "fast,quick,quickly,rapid,rapidly,dramatic,sweeping,frantic"),
        (1.0, "whip,crash,swish,snap,very fast,very quickly"),
    )
    for phrase in phrases.split(",")
}

SIZES: Final = table(
    {
        ShotSize.EXTREME_WIDE: "extreme wide shot, extreme wide, establishing shot, extreme long shot, "
        "ews, vista",
        ShotSize.WIDE: "wide shot, wide view, long shot, wide static shot, static wide shot, stays wide, "
        "wide framing, "
        "wide, master shot",
        ShotSize.FULL: "full shot, full body, full length, head to toe",
        ShotSize.MEDIUM_WIDE: "medium wide, medium wide shot, cowboy shot, american shot, knee shot, "
        "medium long shot",
        ShotSize.MEDIUM: "medium shot, mid shot, waist up, waist shot, medium",
        ShotSize.MEDIUM_CLOSE_UP: "medium close up, medium closeup, mcu, chest up, head and shoulders",
        ShotSize.CLOSE_UP: "close up, closeup, close ups, close shot, tight shot, close on, tight on",
        ShotSize.EXTREME_CLOSE_UP: "extreme close up, extreme closeup, ecu, big close up, detail shot, "
        "macro shot",
        ShotSize.INSERT: "insert shot, insert",
    }
)
ANGLES: Final = table(
    {
        Angle.EYE_LEVEL: "eye level, at eye height",
        Angle.LOW: "low angle, from below, from a low angle, shot from below",
        Angle.HIGH: "high angle, from a high angle, looking down on",
        Angle.OVERHEAD: "overhead shot, overhead view, bird's eye, bird's eye view, birds eye, "
        "birds eye view, "
        "top down, top shot, directly above, god's eye view, flat lay",
        Angle.WORMS_EYE: "worm's eye, worm's eye view, worms eye, worms eye view, ground level looking up",
        Angle.AERIAL: "aerial, aerial shot, aerial view, drone shot, drone footage, drone view, "
        "from the air, drone",
        Angle.DUTCH: "dutch angle, dutch tilt, canted angle, canted, dutch, tilted horizon, oblique angle",
        Angle.OVER_THE_SHOULDER: "over the shoulder, over shoulder, ots, over his shoulder, "
        "over her shoulder",
        Angle.POINT_OF_VIEW: "pov, point of view, first person, through the eyes",
        Angle.PROFILE: "in profile, profile shot, side profile, side view, side on",
    }
)
LENSES: Final = table(
    {
        Lens.FISHEYE: "fisheye, fish eye, fisheye lens",
        Lens.WIDE: "wide angle, wide lens, wide angle lens, ultra wide, ultra wide lens",
        Lens.NORMAL: "normal lens, standard lens",
        Lens.PORTRAIT: "portrait lens",
        Lens.TELEPHOTO: "telephoto, telephoto lens, long lens, tele lens, compressed perspective",
        Lens.MACRO: "macro, macro lens",
        Lens.ANAMORPHIC: "anamorphic, anamorphic lens, cinemascope",
        Lens.TILT_SHIFT: "tilt shift, tilt shift lens, miniature effect",
    }
)
COMPOSITIONS: Final = table(
    {
        Composition.CENTRED: "centred composition, centered composition, dead centre, dead center",
        Composition.THIRDS: "rule of thirds, left third, right third, on the third, upper third, lower third",
        Composition.SYMMETRICAL: "symmetrical, symmetry, symmetric, one point perspective",
        Composition.NEGATIVE_SPACE: "negative space, empty space around",
        Composition.LEADING_LINES: "leading lines",
        Composition.FRAME_IN_FRAME: "frame within a frame, frame in frame, framed by the door, "
        "framed by a doorway",
        Composition.SILHOUETTE: "in silhouette, as a silhouette, silhouetted",
        Composition.SHALLOW_FOCUS: "shallow depth of field, shallow depth, shallow focus, bokeh, "
        "blurred background, "
        "soft background, shallow dof",
        Composition.DEEP_FOCUS: "deep focus, everything in focus, deep depth of field",
        Composition.RACK_FOCUS: "rack focus, racks focus, rack the focus, focus pull, pull focus, "
        "pulls focus, "
        "focus shifts, shift focus",
        Composition.TWO_SHOT: "two shot",
    }
)
TECHNIQUES: Final = table(
    {
        Technique.REVEAL: "reveal, reveals, revealing",
        Technique.SLOW_MOTION: "slow motion, slo mo, slomo, slow mo, high speed camera, 120 fps, 240 fps",
        Technique.TIME_LAPSE: "time lapse, timelapse, hyperlapse, hyper lapse",
        Technique.LONG_TAKE: "long take, one take, single take, oner, one shot, continuous shot, "
        "unbroken shot",
        Technique.FREEZE: "freeze frame, freezes, time stops",
        Technique.CUT: "cut to, cuts to, hard cut, smash cut, jump cut",
        Technique.FADE_IN: "fade in, fades in, fade from black",
        Technique.FADE_OUT: "fade out, fades out, fade to black, fades to black",
    }
)

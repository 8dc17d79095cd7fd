"""The vocabulary of places: where in the frame, and where beside something."""

from typing import Final

from plugin_backend.domain.direction.directives import Relation
from plugin_backend.domain.direction.lexicon import table

IN_FRAME: Final = table(
    {
        Relation.LEFT: "on the left, frame left, screen left, on the left third, on the left side, at left, "
        "on the left of frame, on the left of the frame, on the left side of the frame, at the left, "
        "in the left third, left of frame, left of the frame, on the far left, camera left",
        Relation.RIGHT: "on the right, frame right, screen right, on the right third, on the right side, "
        "at right, "
        "on the right of frame, on the right of the frame, on the right side of the frame, at the right, "
        "in the right third, right of frame, right of the frame, on the far right, camera right",
        Relation.CENTRE: "in the centre, in the center, in the centre of the frame, "
        "in the center of the frame, "
        "centred, centered, in the middle of the frame, in the middle, centre frame, center frame, "
        "in the centre of frame, in the center of frame",
        Relation.ABOVE: "at the top of the frame, in the upper part of the frame, in the upper third",
        Relation.BELOW: "at the bottom of the frame, in the lower part of the frame, in the lower third",
        Relation.IN_FRONT: "in the foreground",
        Relation.BEHIND: "in the background, in the distance",
    }
)
BESIDE: Final = table(
    {
        Relation.LEFT: "on the left of, to the left of, left of, on the left side of",
        Relation.RIGHT: "on the right of, to the right of, right of, on the right side of",
        Relation.CENTRE: "in the middle of, in the centre of, in the center of",
        Relation.BEHIND: "behind, in back of",
        Relation.IN_FRONT: "in front of, before the",
        Relation.ABOVE: "above, over the top of, on top of",
        Relation.BELOW: "below, beneath, underneath, under",
    }
)

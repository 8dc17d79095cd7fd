"""The words a plan is made of: closed sets that a renderer can promise to understand."""

from enum import StrEnum
from typing import Final


class Environment(StrEnum):
    """Where the shot takes place."""

    FOREST = "forest"
    STREET = "street"
    HARBOUR = "harbour"
    LAKE = "lake"
    WALL = "wall"
    GALLERY = "gallery"
    COUNTER = "counter"
    DESERT = "desert"
    WORKSHOP = "workshop"
    TABLETOP = "tabletop"
    PLATFORM = "platform"
    CABIN = "cabin"
    COAST = "coast"
    MOUNTAINS = "mountains"
    MEADOW = "meadow"
    CITY = "city"
    SPACE = "space"


class SubjectKind(StrEnum):
    """Who or what the shot is of."""

    PERSON = "person"
    CROWD = "crowd"
    CHILD = "child"
    DOG = "dog"
    HORSE = "horse"
    CAMEL = "camel"
    BIRD = "bird"
    TREE = "tree"
    HOUSE = "house"
    TOWER = "tower"
    CAR = "car"
    TRAIN = "train"
    BOAT = "boat"
    BALLOON = "balloon"
    UMBRELLA = "umbrella"
    FIREWORKS = "fireworks"
    PENDULUM = "pendulum"
    BALL = "ball"
    COLUMN = "column"
    GLASS = "glass"
    BOTTLE = "bottle"
    ARC = "arc"
    SUN = "sun"
    MOON = "moon"
    STARS = "stars"
    THING = "thing"  # whatever else the brief names; its word says what


class Weather(StrEnum):
    """What the air does."""

    CLEAR = "clear"
    CLOUDS = "clouds"
    FOG = "fog"
    RAIN = "rain"
    WET = "wet"
    SNOW = "snow"
    STORM = "storm"
    HAZE = "haze"
    LEAVES = "leaves"


class TimeOfDay(StrEnum):
    """Where the light comes from."""

    DAWN = "dawn"
    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    GOLDEN = "golden"
    DUSK = "dusk"
    NIGHT = "night"
    INDOORS = "indoors"


class Mood(StrEnum):
    """How it should feel."""

    CALM = "calm"
    EPIC = "epic"
    TENSE = "tense"
    JOYFUL = "joyful"
    MELANCHOLY = "melancholy"
    INTIMATE = "intimate"
    MYSTERIOUS = "mysterious"


class Move(StrEnum):
    """What the camera does; directions are the camera's own."""

    STATIC = "static"
    DOLLY_IN = "dolly-in"
    DOLLY_OUT = "dolly-out"
    TRUCK_LEFT = "truck-left"
    TRUCK_RIGHT = "truck-right"
    PAN_LEFT = "pan-left"
    PAN_RIGHT = "pan-right"
    TILT_UP = "tilt-up"
    TILT_DOWN = "tilt-down"
    CRANE_UP = "crane-up"
    CRANE_DOWN = "crane-down"
    ORBIT_LEFT = "orbit-left"
    ORBIT_RIGHT = "orbit-right"
    ZOOM_IN = "zoom-in"
    ZOOM_OUT = "zoom-out"
    ROLL_LEFT = "roll-left"  # anticlockwise, as the operator turns it: the picture turns clockwise
    ROLL_RIGHT = "roll-right"
    HANDHELD = "handheld"

    @property
    def other_way(self) -> "Move | None":
        """The same move in the opposite direction; None for what has no direction."""
        return _OTHER_WAY.get(self)


_OTHER_WAY: Final = {
    Move.DOLLY_IN: Move.DOLLY_OUT,
    Move.DOLLY_OUT: Move.DOLLY_IN,
    Move.TRUCK_LEFT: Move.TRUCK_RIGHT,
    Move.TRUCK_RIGHT: Move.TRUCK_LEFT,
    Move.PAN_LEFT: Move.PAN_RIGHT,
    Move.PAN_RIGHT: Move.PAN_LEFT,
    Move.TILT_UP: Move.TILT_DOWN,
    Move.TILT_DOWN: Move.TILT_UP,
    Move.CRANE_UP: Move.CRANE_DOWN,
    Move.CRANE_DOWN: Move.CRANE_UP,
    Move.ORBIT_LEFT: Move.ORBIT_RIGHT,
    Move.ORBIT_RIGHT: Move.ORBIT_LEFT,
    Move.ZOOM_IN: Move.ZOOM_OUT,
    Move.ZOOM_OUT: Move.ZOOM_IN,
    Move.ROLL_LEFT: Move.ROLL_RIGHT,
    Move.ROLL_RIGHT: Move.ROLL_LEFT,
}


class Ease(StrEnum):
    """How a move starts and stops."""

    LINEAR = "linear"
    IN = "in"
    OUT = "out"
    IN_OUT = "in-out"


class Action(StrEnum):
    """What a subject does."""

    WALK = "walk"
    RUN = "run"
    CROSS = "cross"
    ROLL = "roll"
    SWING = "swing"
    ROCK = "rock"
    FLY = "fly"
    BURST = "burst"
    POUR = "pour"
    RISE = "rise"
    FALL = "fall"
    SPARK = "spark"
    STAND = "stand"
    TURN = "turn"
    JUMP = "jump"
    LOOK = "look"
    DANCE = "dance"
    SPIN = "spin"
    OPEN = "open"
    REACH = "reach"
    ACT = "act"  # any other verb; the brief's own word says which


class Heading(StrEnum):
    """Which way, as the picture shows it."""

    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    NONE = "none"


class LightSource(StrEnum):
    """What lights the scene."""

    SUN = "sun"
    SKY = "sky"
    MOON = "moon"
    NEON = "neon"
    STREET_LAMP = "street-lamp"
    WINDOW = "window"
    FIRE = "fire"
    FIREWORKS = "fireworks"
    ARC = "arc"
    SIDE = "side"
    RIM = "rim"
    SOFTBOX = "softbox"


class Contrast(StrEnum):
    """How far the shadows fall."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Palette(StrEnum):
    """The family of colours."""

    GOLDEN = "golden"
    NEON = "neon"
    PASTEL = "pastel"
    NIGHT = "night"
    BRICK = "brick"
    WHITE = "white"
    COFFEE = "coffee"
    SAND = "sand"
    STEEL = "steel"
    BLACK = "black"
    AMBER = "amber"
    SNOW = "snow"
    GREEN = "green"
    BLUE = "blue"
    GREY = "grey"

"""Whoever the brief names that the scene has no part for: silhouettes on the ground, moving as asked."""

from plugin_backend.domain.direction.shot import Subject
from plugin_backend.domain.direction.terms import Action, SubjectKind
from worker.animatic.figures import Cloth, Row, beast, gull, stacked, walker
from worker.animatic.ink import Colour, Floats, ink, lit, mix
from worker.animatic.items import Pose, Strokes
from worker.animatic.scenes.set_pieces import PAINTERS, Painter
from worker.animatic.stage import Stage, wave

_LIVING = {
    SubjectKind.PERSON: 1.0,
    SubjectKind.CHILD: 0.62,
    SubjectKind.DOG: 0.36,
    SubjectKind.HORSE: 0.95,
    SubjectKind.CAMEL: 1.1,
}
SKY_ONLY = frozenset({SubjectKind.SUN, SubjectKind.MOON, SubjectKind.STARS})  # the sky paints these itself
_STANDING = {Action.STAND}


def cast(
    stage: Stage, *, depth: float = 2.4, tall: float = 0.3, without: frozenset[SubjectKind] = frozenset()
) -> None:
    """Stand every remaining subject on the ground, side by side."""
    subjects = [s for s in stage.plan.concept.subjects if s.kind not in without]
    for number, subject in enumerate(subjects):
        place = (0.0, 0.42, -0.46, 0.72, -0.75, 0.2)[number % 6] * stage.half
        _one(stage, subject, place, depth * (1.0 + 0.25 * number), tall * stage.fit)


def _shade(stage: Stage, subject: Subject, depth: float) -> Colour:
    base = stage.look.surface(subject.colour or "#2c2a2e", facing=0.25 if subject.colour else 0.08)
    return stage.look.air(lit(base, 0.75 if subject.colour else 0.4), min(0.8, depth / 14.0))


def _one(stage: Stage, subject: Subject, x: float, depth: float, tall: float) -> None:
    kind, colour = subject.kind, _shade(stage, subject, depth)
    if kind in _LIVING:
        _alive(stage, subject, x, depth, tall * _LIVING[kind])
        return
    if kind is SubjectKind.CROWD:
        for step, shift in enumerate((-0.16, 0.0, 0.13)):
            _alive(
                stage, Subject(SubjectKind.PERSON, subject.colour), x + shift, depth * (1 + 0.04 * step), tall
            )
        return
    if kind is SubjectKind.BIRD:
        _birds(stage, colour)
        return
    painter = PAINTERS.get(kind)
    if painter:
        count = 3 if subject.plural else 1
        for n in range(count):
            _set_piece(
                stage,
                subject,
                painter,
                (x + (n - (count - 1) / 2) * 0.42 * stage.fit, depth * (1 + 0.16 * n), tall, n),
            )


def _alive(stage: Stage, subject: Subject, x: float, depth: float, tall: float) -> None:
    colour, ground = _shade(stage, subject, depth), stage.ground(depth)
    motion = next((m for m in stage.plan.motion.subjects if m.kind is subject.kind), None)
    heading = stage.heading(subject.kind, 1.0)
    moves = motion is None or motion.action not in _STANDING
    pace = (
        0.0
        if not moves or stage.spec.loop
        else tall * (1.3 if motion and motion.action is Action.RUN else 0.55)
    )
    stride = 1.5 * tall if pace > tall else 0.62 * tall
    rim = lit(stage.look.key, 0.5)
    side = 1.0 if stage.look.sun_at[0] * stage.half > x else -1.0
    cloth = Cloth(colour, lit(colour, 0.7), mix(colour, ink("#8a6a52", 0.3), 0.3), rim, side)

    def rows(time: float) -> Floats:
        drawn = stage.drawn(time, depth)
        at = drawn[0] if drawn else x + heading * pace * (time - stage.seconds / 2)
        phase = at / stride if pace or drawn else 0.02
        if subject.kind in {SubjectKind.PERSON, SubjectKind.CHILD}:
            return stacked(walker((at, ground), tall, phase, heading, cloth))
        neck = {SubjectKind.DOG: 0.25, SubjectKind.CAMEL: 0.95}.get(subject.kind, 0.6)
        return stacked(
            beast(
                (at, ground),
                tall,
                phase,
                heading=heading,
                colour=colour,
                neck=neck,
                hump=subject.kind is SubjectKind.CAMEL,
            )
        )

    stage.add(Strokes(rows, depth))


def _birds(stage: Stage, colour: Colour) -> None:
    heading = stage.heading(SubjectKind.BIRD, 1.0)
    chances = stage.rng("flock").random((6, 3))
    wide = stage.aspect + 0.3
    pace = max(1, round(0.14 * stage.seconds / wide)) * wide / stage.seconds if stage.spec.loop else 0.14

    def rows(time: float) -> Floats:
        birds: list[list[Row]] = []
        for across, down, beat in chances:
            x = (across * wide + heading * pace * time) % wide - wide / 2
            birds.append(
                gull(
                    (float(x), -0.38 + 0.2 * down),
                    0.035 + 0.03 * beat,
                    stage.hertz(1.6 + beat) * time + beat,
                    colour,
                )
            )
        return stacked(*birds)

    stage.add(Strokes(rows, 12.0))


def _set_piece(
    stage: Stage, subject: Subject, painter: Painter, place: tuple[float, float, float, int]
) -> None:
    """A painted thing; it crosses, floats or stands, whichever its verb is."""
    x, depth, tall, number = place
    ground = stage.ground(depth)
    action = next((m.action for m in stage.plan.motion.subjects if m.kind is subject.kind), Action.STAND)
    heading = stage.heading(subject.kind, 1.0)
    hertz = stage.hertz(0.2)

    def motion(time: float) -> Pose:
        drawn = stage.drawn(time, depth)
        if drawn:
            beside = 0.42 * number * stage.fit
            return Pose(x=drawn[0] - x + beside, y=drawn[1] - ground + 0.5 * tall)
        if action in {Action.CROSS, Action.RUN, Action.ROLL} and not stage.spec.loop:
            return Pose(x=heading * 0.16 * (time - stage.seconds / 2))
        if action in {Action.FLY, Action.RISE}:
            return Pose(
                x=0.02 * wave(time, hertz, number * 0.3),
                y=-0.22 + 0.02 * wave(time, hertz, 0.2 + number * 0.4),
            )
        if action is Action.ROCK:
            return Pose(angle=0.04 * wave(time, hertz, number * 0.3))
        return Pose()

    still = action in _STANDING and stage.drawn(0.0) is None
    box = (x - 1.1 * tall, ground - 2.6 * tall, x + 1.1 * tall, ground + 0.06 * tall)
    colour = _shade(stage, subject, depth)
    stage.sprite(
        f"cast/{subject.kind}/{number}",
        box,
        lambda canvas: painter(stage, canvas, (x, ground, tall), colour),
        depth=depth,
        motion=None if still else motion,
        pivot=(x, ground),
    )

"""Sixteen pixels at once: vector instructions for the loops that compilers leave to one pixel at a time.

That is look-ups in tables, where an output might overlap them, and half floats. They are spelt in LLVM's own
words, which it fits to the processor it compiles for; every function here writes instructions, and runs none.
What numba has compiled it keeps until the loop's own file changes: a change here asks for one there.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Final

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES: Final = 16
INTS: Final = ir.VectorType(ir.IntType(32), LANES)
FLOATS: Final = ir.VectorType(ir.FloatType(), LANES)
_SHORTS: Final = ir.VectorType(ir.IntType(16), LANES)
_HALVES: Final = ir.VectorType(ir.HalfType(), LANES)
_ADDRESSES: Final = ir.VectorType(ir.IntType(64), LANES)
_PIXELS: Final = ir.VectorType(ir.IntType(16), 3 * LANES)
_MOST: Final = 65504.0

HAS_HALVES: Final = bool(binding.get_host_cpu_features().get("f16c", True))
"""Whether the processor converts half floats itself; all but the oldest x86 ones do."""

_intrinsic: Callable[[Callable[..., Any]], Callable[..., Any]] = intrinsic
_declared: Callable[..., Any] = cgutils.get_or_insert_function


def in_lanes(write: Callable[..., None]) -> Callable[..., Any]:
    """A function over addresses, for compiled loops to call; `write` is given `Lanes` and the addresses."""

    @functools.wraps(write)  # how many addresses there are is read from its signature
    def typed(_typing: Any, *given: Any) -> Any:
        def written(context: Any, builder: Any, _signature: Any, addresses: Sequence[Any]) -> Any:
            write(Lanes(builder), *addresses)
            return context.get_dummy_value()

        return types.void(*[types.uint64] * len(given)), written

    return _intrinsic(typed)


def same(kind: Any, value: float) -> Any:
    """A vector of one value."""
    return ir.Constant(kind, [value] * LANES)


class Lanes:
    """Writes instructions on vectors of sixteen."""

    def __init__(self, builder: Any) -> None:
        self.at = builder

    def pixels(self, address: Any) -> list[Any]:
        """Sixteen pixels of three 16-bit samples, as a vector a channel."""
        loaded = self.at.load(self.at.inttoptr(address, _PIXELS.as_pointer()))
        loaded.align = 2
        every = (ir.Constant(INTS, [3 * lane + channel for lane in range(LANES)]) for channel in range(3))
        return [self.at.shuffle_vector(loaded, loaded, mask) for mask in every]

    def keep_pixels(self, channels: Sequence[Any], address: Any) -> None:
        """The inverse of `pixels`."""
        red, green, blue = channels
        wide = ir.VectorType(ir.IntType(32), 2 * LANES)
        two = self.at.shuffle_vector(red, green, ir.Constant(wide, list(range(2 * LANES))))
        rest = self.at.shuffle_vector(blue, blue, ir.Constant(wide, [*range(LANES), *range(LANES)]))
        woven = [lane + channel * LANES for lane in range(LANES) for channel in range(3)]
        mask = ir.Constant(ir.VectorType(ir.IntType(32), 3 * LANES), woven)
        stored = self.at.store(
            self.at.shuffle_vector(two, rest, mask), self.at.inttoptr(address, _PIXELS.as_pointer())
        )
        stored.align = 2

    def keep(self, values: Any, address: Any) -> None:
        """Sixteen singles in a row."""
        self.at.store(values, self.at.inttoptr(address, FLOATS.as_pointer())).align = 4

    def gathered(self, address: Any, offsets: Any) -> Any:
        """The singles at these offsets from an address."""
        bits = ir.VectorType(ir.IntType(1), LANES)
        pointers = ir.VectorType(ir.FloatType().as_pointer(), LANES)
        kind = ir.FunctionType(FLOATS, [pointers, ir.IntType(32), bits, FLOATS])
        gather = _declared(self.at.module, kind, "llvm.masked.gather.v16f32.v16p0")
        one = self.at.insert_element(ir.Constant(_ADDRESSES, ir.Undefined), address, ir.IntType(32)(0))
        first = self.at.shuffle_vector(one, one, same(INTS, 0))
        apart = self.at.shl(self.at.zext(offsets, _ADDRESSES), same(_ADDRESSES, 2))
        where = self.at.inttoptr(self.at.add(first, apart), pointers)
        return self.at.call(gather, [where, ir.IntType(32)(4), same(bits, 1), same(FLOATS, 0.0)])

    def spread(self, address: Any, number: int) -> Any:
        """The single of that number in a table, in every lane."""
        one = self.at.load(self.at.inttoptr(self.moved(address, 4 * number), ir.FloatType().as_pointer()))
        first = self.at.insert_element(ir.Constant(FLOATS, ir.Undefined), one, ir.IntType(32)(0))
        return self.at.shuffle_vector(first, first, same(INTS, 0))

    def offsets(self, samples: Any) -> Any:
        """16-bit samples as what to look up."""
        return self.at.zext(samples, INTS)

    def chosen(self, sign: str, one: Any, other: Any, *, then: Any = None, otherwise: Any = None) -> Any:
        """Of two vectors those that compare so, or of two others where they do."""
        holds = self.at.fcmp_ordered(sign, one, other)
        return self.at.select(holds, one if then is None else then, other if otherwise is None else otherwise)

    def total(self, parts: Sequence[tuple[Any, Any]]) -> Any:
        """The sum of products, rounded alike on every processor: never two steps in one."""
        products = [self.at.fmul(one, other) for one, other in parts]
        found = products[0]
        for product in products[1:]:
            found = self.at.fadd(found, product)
        return found

    def singles(self, halves: Any) -> Any:
        """Half floats' bits as singles."""
        return self.at.fpext(self.at.bitcast(halves, _HALVES), FLOATS)

    def halves(self, singles: Any) -> Any:
        """Rounded to nearest even; finite values past the half range stop at its ends."""
        held = singles
        for sign, end, infinity in ((">", _MOST, float("inf")), ("<", -_MOST, float("-inf"))):
            ended = self.chosen(sign, held, same(FLOATS, end), then=same(FLOATS, end), otherwise=held)
            held = self.chosen("==", held, same(FLOATS, infinity), otherwise=ended)
        return self.at.bitcast(self.at.fptrunc(held, _HALVES), _SHORTS)

    def codes(self, singles: Any) -> Any:
        """Rounded to 16 bits, halves up, and held to their range."""
        found = self.at.fadd(singles, same(FLOATS, 0.5))
        for sign, end in (("<", 65535.0), (">", 0.0)):
            found = self.chosen(sign, found, same(FLOATS, end))
        return self.at.trunc(self.at.fptosi(found, INTS), _SHORTS)

    def moved(self, address: Any, bytes_on: int) -> Any:
        """An address so many bytes further on."""
        return self.at.add(address, ir.IntType(64)(bytes_on))

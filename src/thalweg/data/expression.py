"""One factor of a formula, such as ``log(wage)``: read, checked and computed here, and never run as Python.

The text becomes a tree of Python's grammar. A few nodes are known: numbers, texts, columns, arithmetic, comparisons and
the listed functions. The same tree that was checked is walked to compute the values, so that nothing a text holds can
be executed, and no reading of quotes can differ between the check and the computation.
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from formulaic.transforms import TRANSFORMS

from thalweg.base.errors import SettingError
from thalweg.data.learned_terms import LEARNED, learned_columns

_ONE: Final = "abs sqrt cbrt square log log2 log10 log1p exp expm1 sin cos tanh arcsinh sign floor"
FUNCTIONS: Final[Mapping[str, tuple[Callable[..., Any], int]]] = {
    **{name: (getattr(np, name), 1) for name in _ONE.split()},
    "maximum": (np.maximum, 2),
    "minimum": (np.minimum, 2),
    "where": (np.where, 3),
}
"""Functions of a row, each with the number of values it takes."""
_CONTRASTS: Final = ("Treatment", "Sum", "Diff", "Helmert", "Poly")
_SPACED_CONTRASTS: Final = ("treatment", "SAS", "sum", "diff", "helmert", "poly")  # behind contr.
_ARITHMETIC: Final[Mapping[type[ast.AST], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_LOGIC: Final[Mapping[type[ast.AST], Callable[[Any, Any], Any]]] = {ast.BitAnd: operator.and_, ast.BitOr: operator.or_}
_SIGNS: Final[Mapping[type[ast.AST], Callable[[Any], Any]]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
_COMPARISONS: Final[Mapping[type[ast.AST], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ALLOWED: Final = f"There are arithmetic, comparisons, C(), I(), Q() and {', '.join(FUNCTIONS)}."
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A factor that was read and checked.

    Parameters
    ----------
    text
        As it was written.
    names
        The columns it uses.
    category
        Whether it is C(…), which turns its column into categories.
    compute
        From columns by name to the values of every row.
    learn
        From those values and what was learned, by name, to the columns of poly(…), bs(…) and their kin, which learn
        from the rows they see unless they have learned already; None for others.
    """

    text: str
    names: tuple[str, ...]
    category: bool
    compute: Callable[[Mapping[str, Any]], Any]
    learn: Callable[[Any, dict[str, Any]], Any] | None = None


def read_expression(text: str, *, learning: bool = False) -> Expression:
    """Read one factor of a formula.

    Parameters
    ----------
    text
        The factor; a column whose name is no Python name stands in backquotes, or as Q("its name").
    learning
        Whether functions that learn from the rows they see are available: a model is estimated and no row held out.

    Raises
    ------
    SettingError
        If it is more than arithmetic, comparisons and the listed functions.

    Examples
    --------
    >>> found = read_expression("log(`job tenure`) + 1")
    >>> found.names, found.compute({"job tenure": np.array([1.0])})
    (('job tenure',), array([1.]))
    >>> read_expression("where(open('notes') == 1, x, x)")
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: "where(open('notes') == 1, x, x)" uses open(), which is not available. ...
    """
    if len(text) > _LONGEST:
        raise SettingError(
            f"{text[:40]!r}… has {len(text):,} letters; a factor has at most {_LONGEST:,}.", "Compute it by a query."
        )
    bare, quoted = _without_backquotes(text)
    try:
        tree = ast.parse(bare.strip(), mode="eval").body
        reader = _Reader(text, quoted)
        called = getattr(tree.func, "id", "") if isinstance(tree, ast.Call) else ""
        if isinstance(tree, ast.Call) and called == "C":
            compute = reader.category(tree)
            return Expression(text, tuple(dict.fromkeys(reader.names)), category=True, compute=compute)
        if isinstance(tree, ast.Call) and called in LEARNED and learning:
            compute, learn = reader.learned(tree, called)
            return Expression(text, tuple(dict.fromkeys(reader.names)), category=False, compute=compute, learn=learn)
        compute = reader.value(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SettingError(
            f"{text!r} cannot be read: {error}.", "Correct it; names with spaces stand in `…`."
        ) from None
    return Expression(text, tuple(dict.fromkeys(reader.names)), category=False, compute=compute)


def _without_backquotes(text: str) -> tuple[str, dict[str, str]]:
    """Return the text with names in backquotes replaced; backquotes inside texts are left alone."""
    stem = "_quoted"
    while stem in text:
        stem += "_"
    names: dict[str, str] = {}
    parts: list[str] = []
    for part, is_name in _parts(text):
        if is_name:
            stand_in = f"{stem}{len(names)}"
            names[stand_in] = part
            parts.append(f" {stand_in} ")
        else:
            parts.append(part)
    return "".join(parts), names


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Cut a text into names in backquotes and what stands between them."""
    start, place, mark = 0, 0, ""
    while place < len(text):
        sign = text[place]
        if mark and sign == "\\":
            place += 1
        elif mark and sign == mark:
            mark = ""
        elif not mark and sign in "'\"":
            mark = sign
        elif not mark and sign == "`":
            end = text.find("`", place + 1)
            if end < 0:
                raise SettingError(f"{text!r} opens a backquote and does not close it.", "Close it.")
            yield text[start:place], False
            yield text[place + 1 : end], True
            start, place = end + 1, end
        place += 1
    yield text[start:], False


class _Reader:
    """Turns a tree of known nodes into a function of the columns, and notes which columns it uses."""

    def __init__(self, text: str, quoted: Mapping[str, str]) -> None:
        self.text, self.quoted = text, quoted
        self.names: list[str] = []

    def value(self, node: ast.AST) -> Callable[[Mapping[str, Any]], Any]:
        """Return what computes a node."""
        match node:
            case ast.Constant(value=bool() | str() as constant):
                return lambda _: constant
            case ast.Constant(value=int() | float() as constant):
                number = float(constant)  # whole numbers of any size would take for ever to raise to a power
                return lambda _: number
            case ast.Name(id=name):
                return self._column(self.quoted.get(name, name))
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.UnaryOp(op=sign, operand=inner) if type(sign) in _SIGNS:
                return _applied(_SIGNS[type(sign)], self.value(inner))
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _COMPARISONS:
                return _applied(_COMPARISONS[type(sign)], self.value(left), self.value(right))
            case ast.Call():
                return self._call(node)
        raise self._refused(node)

    def category(self, node: ast.Call) -> Callable[[Mapping[str, Any]], Any]:
        """Return what marks a column as categories, with the contrasts that were named."""
        if not 1 <= len(node.args) <= 2:
            raise self._refused(node)
        column = self.value(node.args[0])
        given = {entry.arg: entry.value for entry in node.keywords}
        if len(node.args) == 2:
            given["contrasts"] = node.args[1]
        settings: dict[str, Any] = {}
        for name, inner in given.items():
            if name == "contrasts":
                settings[name] = self._contrast(inner)
            elif name in {"levels", "spans_intercept"}:
                settings[name] = self._level(inner) if name == "levels" else self._literal(inner)
            else:
                raise self._refused(node)
        return lambda columns: TRANSFORMS["C"](column(columns), **settings)

    def learned(
        self, node: ast.Call, name: str
    ) -> tuple[Callable[[Mapping[str, Any]], Any], Callable[[Any, dict[str, Any]], Any]]:
        """Return what computes the values a function learns from, and what makes columns of them."""
        if not node.args:
            raise self._refused(node)
        settings = {str(place): self._literal(value) for place, value in enumerate(node.args[1:])}
        settings |= {str(entry.arg): self._literal(entry.value) for entry in node.keywords}
        return self.value(node.args[0]), lambda values, state: learned_columns(name, values, settings, state)

    def _column(self, name: str) -> Callable[[Mapping[str, Any]], Any]:
        self.names.append(name)
        return lambda columns: columns[name]

    def _arithmetic(self, node: ast.BinOp) -> Callable[[Mapping[str, Any]], Any]:
        compute = {**_ARITHMETIC, **_LOGIC}.get(type(node.op))
        sides = (node.left, node.right)
        if compute is None or any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in sides):
            raise self._refused(node)
        return _applied(compute, *(self.value(side) for side in sides))

    def _call(self, node: ast.Call) -> Callable[[Mapping[str, Any]], Any]:
        name = self._function(node.func)
        if node.keywords:
            raise self._refused(node)
        if name == "Q":
            match node.args:
                case [ast.Constant(value=str() as column)]:
                    return self._column(column)
            raise self._refused(node)
        function, takes = (_itself, 1) if name == "I" else FUNCTIONS[name]
        if len(node.args) != takes:
            raise SettingError(
                f"{self.text!r} gives {len(node.args)} values to {name}(), which takes {takes}.", "Give as many."
            )
        return _applied(function, *(self.value(inner) for inner in node.args))

    def _function(self, node: ast.AST) -> str:
        match node:
            case ast.Attribute(value=ast.Name(id="np"), attr=name) if name in FUNCTIONS:
                return name
            case ast.Name(id=name) if name in FUNCTIONS or name in {"I", "Q"}:
                return name
            case ast.Name(id=name) if name in LEARNED:
                raise SettingError(
                    f"{self.text!r} uses {name}(), which learns from all rows, also those it is tested on, or stands "
                    "inside of something else.",
                    "Where rows are held out, write powers as I(x**2); numbers are standardised on training rows "
                    f"anyway. Where a linear model is estimated, let {name}(…) stand alone.",
                )
            case ast.Name(id="C"):
                raise SettingError(f"{self.text!r} uses C() inside of something else.", "Let C(…) stand alone.")
            case ast.Name(id=name):
                raise SettingError(f"{self.text!r} uses {name}(), which is not available.", _ALLOWED)
            case ast.Attribute():
                raise SettingError(f"{self.text!r} uses {ast.unparse(node)}, which is not available.", _ALLOWED)
        raise self._refused(node)

    def _contrast(self, node: ast.AST) -> Any:
        match node:
            case ast.Call(func=named, args=values, keywords=named_values):
                settings = {str(entry.arg): self._level(entry.value) for entry in named_values}
                return self._contrast_type(named)(*(self._level(value) for value in values), **settings)
        return self._contrast_type(node)()

    def _contrast_type(self, node: ast.AST) -> Any:
        match node:
            case ast.Name(id=name) if name in _CONTRASTS:
                return TRANSFORMS[name]
            case ast.Attribute(value=ast.Name(id="contr"), attr=name) if name in _SPACED_CONTRASTS:
                return getattr(TRANSFORMS["contr"], name)
        raise SettingError(
            f"{self.text!r} uses {ast.unparse(node)}, which is no contrast.",
            f"There are {', '.join(_CONTRASTS)}.",
        )

    def _level(self, node: ast.AST) -> Any:
        """Return a level, or a list of levels, as categories are written: 2000 for 2000.0."""
        found = self._literal(node)
        if isinstance(found, list):
            return [_as_level(one) for one in found]
        return _as_level(found)

    def _literal(self, node: ast.AST) -> Any:
        """Return a constant, or a list of constants."""
        match node:
            case ast.Constant(value=str() | bool() | int() | float() as constant):
                return constant
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as constant)):
                return -constant
            case ast.List(elts=entries) | ast.Tuple(elts=entries):
                return [self._literal(entry) for entry in entries]
        raise self._refused(node)

    def _refused(self, node: ast.AST) -> SettingError:
        return SettingError(f"{self.text!r} uses Python that is not allowed: {ast.unparse(node)}.", _ALLOWED)


def _itself(value: Any) -> Any:
    return value


def _as_level(value: object) -> object:
    """Return a number as the text of a category."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f"{value:.15g}"


def _applied(
    function: Callable[..., Any], *parts: Callable[[Mapping[str, Any]], Any]
) -> Callable[[Mapping[str, Any]], Any]:
    return lambda columns: function(*(part(columns) for part in parts))

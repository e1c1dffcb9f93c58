"""Running what examples type, and refusing what holds on one machine only: floats compared or printed to the last bit.

Another processor, or another version of a library, rounds otherwise. An example may compare floats with ``==`` to the
literal 0, which is a claim about exact zeros; anything else it rounds, or compares by ``numpy.isclose``.
"""

import ast
import doctest
import re

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
NUMBER = re.compile(r"(?<![\w.])\d+\.\d+(?![\d.])")
DIGITS = 12  # more than these another machine may not agree to
WATCH = "_watched"


def run_examples(test):
    """Run the examples of one docstring or page; return what is wrong with it, nothing if all is well."""
    wrong = [f"prints {number}: {e.source.strip()}" for e in test.examples for number in too_long(e.want)]

    def watched(left, right, equal, zero, source):
        if not zero and (is_float(left) or is_float(right)):
            wrong.append(f"compares floats bit by bit: {source}")
        return left == right if equal else left != right

    test.globs[WATCH] = watched
    for example in test.examples:
        example.source = watching(example.source)
    said = []
    if doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=said.append, clear_globs=False).failed:
        wrong.append("".join(said))
    return wrong


def too_long(text):
    """Numbers of a text with more significant digits than hold everywhere."""
    return [number for number in NUMBER.findall(text) if len(number.replace(".", "").lstrip("0")) > DIGITS]


def is_float(value):
    """Whether a value is a float, or an array or frame that holds floats."""
    kinds = getattr(value, "dtypes", getattr(value, "dtype", None))
    if kinds is None:
        return isinstance(value, float) or (isinstance(value, (list, tuple)) and any(map(is_float, value)))
    return "float" in str(kinds)


def watching(source):
    """Let every == and != show its two sides before they are compared."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # an example of what Python refuses
        return source
    watcher = _Watcher(source.strip())
    tree = ast.fix_missing_locations(watcher.visit(tree))
    return ast.unparse(tree) + "\n" if watcher.found else source


class _Watcher(ast.NodeTransformer):
    """Turns ``a == b`` into a call that sees both sides, each computed once."""

    def __init__(self, source):
        self.source, self.found = source, False

    def visit_Compare(self, node):
        self.generic_visit(node)
        if len(node.ops) > 1 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            return node
        self.found = True
        left, right = node.left, node.comparators[0]
        zero = any(isinstance(side, ast.Constant) and side.value == 0 for side in (left, right))
        facts = [ast.Constant(fact) for fact in (isinstance(node.ops[0], ast.Eq), zero, self.source)]
        return ast.Call(ast.Name(WATCH, ast.Load()), [left, right, *facts], [])

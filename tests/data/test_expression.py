import builtins
import time

import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import SettingError, ThalwegError
from thalweg.data.design import Design
from thalweg.data.expression import read_expression
from thalweg.data.formula import formula_sides
from thalweg.data.problem import pose

RNG = np.random.default_rng(3)
FRAME = pd.DataFrame({"y": RNG.normal(size=40), "x": RNG.uniform(1, 2, size=40), "z": RNG.uniform(1, 2, size=40)})
FRAME["a b"] = FRAME["x"] * 2
FRAME["k"] = ["p", "q", "r", "q"] * 10

HOSTILE = [
    'where("`" + str({code}) + "`" == "a", z, z)',
    "where('`' + str({code}) + '`' == 'a', z, z)",
    "{{{code}}}",
    "I({code})",
    "C({code})",
    "C(k, {code})",
    "C(k, contrasts={code})",
    "C(k, Treatment({code}))",
    "C(k, levels=[{code}])",
    "log(x, {code})",
    "where(x > 1, z, {code})",
    "I((lambda: {code})())",
    "I([{code} for i in 'a'])",
    "I(x if {code} else z)",
    "I(f'{{{code}}}')",
    'I("`"+f"{{{code}}}"+"`")',
    "I(x.__class__.__base__)",
    "I(x[{code}])",
    "Q({code})",
    "np.{code}",
    "`a b`.__class__({code})",
    "log(`a b` + {code})",
    "log('`', {code}, '`')",
    'C("`", {code}, "`")',
    "I('\\'`' + {code} + '`')",
    "{{x\n+ {code}}}",
    "maximum(x, {code})",
    "I(np.load.__globals__)",
    "contr.treatment({code})",
]
CODES = ["open('PWNED','w').close()", "__import__('os').system('touch PWNED')", "eval('open(1)')", "exec('')"]


@pytest.mark.parametrize("code", CODES)
def test_nothing_a_formula_holds_is_run(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("eval", "exec", "compile"):
        monkeypatch.setattr(builtins, name, _never(name, getattr(builtins, name)))
    for shape in HOSTILE:
        for side in (f"y ~ x + {shape.format(code=code)}", f"{shape.format(code=code)} ~ x"):
            with pytest.raises(ThalwegError):
                pose(FRAME, formula=side)
    assert not list(tmp_path.iterdir())


def _never(name, real):
    """Return what lets Python's parser build trees, and nothing be run."""

    def guarded(source, *places, **settings):
        if name == "compile" and (1024 in places or settings.get("flags") == 1024):  # ast.PyCF_ONLY_AST
            return real(source, *places, **settings)
        raise AssertionError(f"{name} was called with {source!r}")

    return guarded


def test_a_formula_stored_in_a_folder_is_checked_when_it_is_read():
    plain = pose(FRAME, formula="y ~ log(x) + C(k)").formula.to_dict()
    assert Design.from_dict(plain).text == "y ~ log(x) + C(k)"
    for text in ("y ~ open(x) + C(k)", "y ~ log(z) + C(k)", "y ~ x.__class__ + C(k)", "log(y) ~ log(x) + C(k)"):
        with pytest.raises(SettingError):
            Design.from_dict({**plain, "text": text})


@pytest.mark.parametrize(
    ("text", "compute"),
    [
        ("I(x**3 - 2 * z / x)", lambda f: f.x**3 - 2 * f.z / f.x),
        ("where((x > 1.5) & (k == 'q'), x, -z)", lambda f: np.where((f.x > 1.5) & (f.k == "q"), f.x, -f.z)),
        ("maximum(`a b`, Q('z'))", lambda f: np.maximum(f["a b"], f.z)),
        ("np.log1p(abs(x - 1.5) % 0.2 // 0.1)", lambda f: np.log1p(abs(f.x - 1.5) % 0.2 // 0.1)),
        ("where(~(k != 'p'), 1, 0)", lambda f: np.where(f.k == "p", 1.0, 0.0)),
        ("where(k == '`p`', x, z)", lambda f: f.z),
    ],
)
def test_what_is_computed_is_what_numpy_computes(text, compute):
    columns = {name: FRAME[name] for name in FRAME}
    np.testing.assert_array_equal(read_expression(text).compute(columns), compute(FRAME))
    np.testing.assert_array_equal(pose(FRAME, formula=f"y ~ {text}").features.iloc[:, 0], compute(FRAME))


def test_contrasts_and_products():
    found = pose(FRAME, formula="y ~ x * C(k, Treatment('q')) + C(k, contr.sum):z").features
    assert found.columns[1:3].tolist() == ["C(k, Treatment('q'))[T.p]", "C(k, Treatment('q'))[T.r]"]
    assert "C(k, contr.sum)[q]:z" in found.columns
    chosen = pose(FRAME, formula="y ~ C(k, levels=['r', 'q', 'p'])").features
    np.testing.assert_array_equal(chosen.sum(axis=1), FRAME["k"] != "r")


@pytest.mark.parametrize(
    "text",
    [
        "y ~ (x + z + k) ** 999999999",
        "y ~ " + " * ".join(f"v{n}" for n in range(40)),
        "y ~ I(" + "-" * 50_000 + "x)",
        "y ~ I(9**9**9**9**9 * x)",
        "y ~ I(x * (1 << 99999999999))",
        "y ~ log(" + "x," * 5000 + ")",
        "y ~ I('a' * 99999999999)",
        "y ~ I(" + "(" * 300 + "x" + ")" * 300 + ")",
        "y ~ {1 + 1}",
        "y ~ x | z",
        "y ~ [x ~ z]",
        "y ~ `x",
        "y ~ I(`x)",
        "y ~ x\0",
        "",
        "~",
        "y ~ \ud800",
        "C(k) ~ x",
    ],
)
def test_absurd_formulas_are_refused_at_once(text):
    started = time.perf_counter()
    with pytest.raises(ThalwegError):
        pose(FRAME, formula=text)
    assert time.perf_counter() - started < 5.0  # hours without bounds; a busy machine may take a second


def test_a_column_named_like_a_term_is_refused():
    with pytest.raises(SettingError, match=r"computes 'log\(x\)', and a column has that name"):
        formula_sides("y ~ log(x)", ["x", "log(x)"])
    assert not formula_sides("y ~ `log(x)`", ["x", "log(x)"]).right.expressions

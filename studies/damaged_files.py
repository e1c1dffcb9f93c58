"""Files of runs, damaged at random: is every damage refused by the file's name, or without consequence?

Every kind of folder is made once. Then one file of a copy is changed, in one of eight ways at a place drawn uniformly,
and the folder is opened as a user would: ``thalweg.load`` or ``load_estimator``, its words and its predictions, and for
shards of an unfinished run the same call again. What comes back is compared with what the whole folder gives.

    refused   an error in words that names a file of the folder
    harmless  nothing differs
    silent    something differs and nobody is told
    crashed   an error that is none of ours

    python studies/damaged_files.py [mutations] > studies/damaged_files.txt
"""

import platform
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

import thalweg as tw
from thalweg.estimators import NetClassifier, load_estimator, save_estimator

RNG = np.random.default_rng(0)
ROWS = 80
TABLE = {
    "x": RNG.normal(size=ROWS),
    "z": RNG.normal(size=ROWS),
    "a": RNG.integers(2, size=ROWS),
    "b": RNG.integers(2, size=ROWS),
    "k": RNG.choice(["p", "q", "r"], size=ROWS),
}
TABLE["y"] = TABLE["x"] + TABLE["a"] + RNG.normal(size=ROWS)
NETS = {"folds": 2, "seeds": 2, "epochs": 3, "networks": [{"hidden": [4]}], "workers": 1, "watch": False}
QUICK = {"link": "linear", "epochs": 3, "folds": 2, "repeats": 1, "workers": 1, "hidden": (4,), "watch": False}


def compare(out: Path) -> tw.Run:
    """A comparison with a formula."""
    return tw.fit(TABLE, formula="y ~ log1p(abs(x)) + z + C(k)", out=out, **NETS)


def linear(out: Path) -> object:
    """A linear model with a path."""
    return tw.fit_linear(TABLE, target="y", model="ols", path="lasso", folds=3, out=out)


def effects(out: Path) -> object:
    """Effects of two treatments."""
    return tw.fit_effects(TABLE, target="y", treatments=["a", "b"], features=["x", "z"], out=out, **QUICK)


def observed(out: Path) -> object:
    """The effect of a treatment that units chose."""
    asked = {"target": "y", "treatments": "a", "features": ["x", "z"]}
    return tw.fit_observed(TABLE, **asked, folds=2, repeats=1, epochs=3, workers=1, watch=False, out=out)


def study(out: Path) -> object:
    """What training does."""
    return tw.run_study("race", TABLE, target="y", hidden=4, epochs=3, seeds=2, workers=1, watch=False, out=out)


def estimator(out: Path) -> None:
    """A saved estimator."""
    x, y = np.c_[TABLE["x"], TABLE["z"]], np.array(TABLE["k"])
    out.mkdir(parents=True)
    save_estimator(NetClassifier(hidden=(4,), seeds=2, epochs=3, folds=2, workers=1).fit(x, y), out / "m.safetensors")


def opened(folder: Path) -> tuple[object, ...]:
    """What a user sees of a finished run."""
    run = tw.load(folder)
    words = (run.text(), run.to_dict(), run.frame().to_csv())
    if isinstance(run, tw.Run):
        return (*words, *(run.predict(TABLE, model=name).to_csv() for name in run.models))
    return words


def predicted(folder: Path) -> tuple[object, ...]:
    """What a user sees of a saved estimator."""
    x = np.c_[TABLE["x"], TABLE["z"]]
    model = load_estimator(folder / "m.safetensors")
    return model.predict_proba(x).tobytes(), str(model), model.predict(x).tolist()


def continued(folder: Path) -> tuple[object, ...]:
    """What comes of an unfinished run, continued."""
    (folder / "answer.json").unlink(missing_ok=True)
    run = compare(folder)
    return run.to_dict()["leaderboard"], run.predict(TABLE).to_csv()


Doors = dict[str, tuple[Callable[[Path], object], Callable[[Path], tuple[object, ...]], str, float]]
DOORS: Doors = {  # how it is made, how it is opened, which files are damaged, the share of mutations
    "comparison": (compare, opened, "[!.]*", 0.2),
    "comparison, continued": (compare, continued, "members/*/*", 0.1),
    "linear model": (linear, opened, "[!.]*", 0.15),
    "effects": (effects, opened, "[!.]*", 0.15),
    "one treatment": (observed, opened, "[!.]*", 0.15),
    "study": (study, opened, "[!.]*", 0.1),
    "estimator": (estimator, predicted, "*", 0.15),
}


def damage(content: bytes, way: str, rng: np.random.Generator) -> bytes:
    """Return other bytes."""
    place = int(rng.integers(len(content) + 1))
    one, rest = content[:place], content[place:]
    several = int(rng.integers(1, 64))
    digits = [i for i, byte in enumerate(content) if 48 <= byte <= 57] if way == "digit" else []
    digit = digits[int(rng.integers(len(digits)))] if digits else 0
    return {
        "bit": one + bytes([rest[0] ^ (1 << int(rng.integers(8)))]) + rest[1:] if rest else content,
        "byte": one + rng.bytes(1) + rest[1:],
        "cut": one,
        "zeros": one + bytes(len(rest[:several])) + rest[several:],
        "inserted": one + rng.bytes(several) + rest,
        "removed": one + rest[several:],
        "digit": content[:digit] + bytes([48 + (content[digit] - 47) % 10]) + content[digit + 1 :]
        if digits
        else content,
        "appended": content + content[:several],
    }[way]


WAYS = ("bit", "byte", "cut", "zeros", "inserted", "removed", "digit", "appended")


def main(mutations: int) -> None:
    """Damage, open, compare, count."""
    started = time.perf_counter()
    counts: dict[tuple[str, str], Counter[str]] = {}
    worst: list[str] = []
    with tempfile.TemporaryDirectory() as place, np.errstate(all="ignore"):
        for door, (make, look, pattern, share) in DOORS.items():
            whole, copy, rng = Path(place) / "whole" / door, Path(place) / "copy", np.random.default_rng(len(door))
            make(whole)
            expected = look(shutil.copytree(whole, copy, dirs_exist_ok=True))
            files = [path.relative_to(whole) for path in sorted(whole.rglob(pattern)) if path.is_file()]
            for number in range(round(mutations * share)):
                shutil.rmtree(copy)
                shutil.copytree(whole, copy)
                name, way = files[number % len(files)], WAYS[int(rng.integers(len(WAYS)))]
                content = (copy / name).read_bytes()
                changed = damage(content, way, rng)
                (copy / name).write_bytes(changed)
                outcome = judged(look, copy, expected)
                counts.setdefault((door, way), Counter())[outcome.split(":")[0]] += 1
                if outcome.startswith(("silent", "crashed")):
                    worst.append(f"{door}, {name}, {way}: {outcome}")
    table(counts, worst, mutations, time.perf_counter() - started)


def judged(look: Callable[[Path], tuple[object, ...]], folder: Path, expected: tuple[object, ...]) -> str:
    """Open a damaged folder and say what came of it."""
    try:
        found = look(folder)
    except tw.ThalwegError as error:
        return "refused" if str(folder) in str(error) else f"crashed: names no file: {error}"
    except Exception as error:  # noqa: BLE001 - counting them is what this is for
        return f"crashed: {type(error).__name__}: {error}"
    return "harmless" if found == expected else "silent"


def table(counts: dict[tuple[str, str], Counter[str]], worst: list[str], mutations: int, seconds: float) -> None:
    """Print what was counted."""
    outcomes = ("refused", "harmless", "silent", "crashed")
    print(f"{mutations:,} mutations, {time.strftime('%Y-%m-%d')}, {seconds:.0f} s.")
    print(
        f"thalweg {tw.__version__}, numpy {np.__version__}, Python {platform.python_version()}, {platform.machine()}\n"
    )
    print(f"{'folder':24} {'way':10}" + "".join(f"{name:>10}" for name in outcomes))
    for (door, way), found in sorted(counts.items()):
        print(f"{door:24} {way:10}" + "".join(f"{found[name]:>10,}" for name in outcomes))
    total = sum(counts.values(), Counter())
    print(f"{'all':24} {'':10}" + "".join(f"{total[name]:>10,}" for name in outcomes))
    print(*worst, sep="\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)

"""Reports measured in a browser: texts clipped at three widths, accessibility, weight, height, and lost marks.

Needs what the product does not: Chromium, Playwright for Python, axe-core's one file, and for the figures cairosvg,
Inkscape and rsvg-convert. Run: PYTHONPATH=src:tests python studies/pages.py FOLDER AXE.js
"""

import subprocess
import sys
from pathlib import Path

import numpy as np

import thalweg as tw
from answers import make_answer
from effects.experiments import quick, table
from renderers import SCALE, lost_marks
from thalweg.answers.export.pictures import Picture
from thalweg.effects.summary import summarise
from thalweg.energy import capacity_curve
from thalweg.report.comparison.page import comparison_page
from thalweg.report.drawing.document import Page, figures_of, page_html
from thalweg.report.drawing.svg import WIDTH
from thalweg.report.effects.page import effects_page
from thalweg.report.energy.page import boltzmann_page, hopfield_page

CLIPPED = """() => {
  const found = [];
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) found.push('page is wider than the window: ' + page.scrollWidth);
  for (const one of document.querySelectorAll('main *:not(svg *)')) {
    const style = getComputedStyle(one);
    if (one.closest('details:not([open])') || one.scrollWidth <= one.clientWidth + 5) continue;
    if (style.overflowX === 'visible' && !one.closest('.scroll') && style.display !== 'inline')
      found.push(one.tagName + ' ' + one.textContent.slice(0, 40));
  }
  for (const svg of document.querySelectorAll('svg.chart')) {
    const box = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll('text')) {
      const at = text.getBoundingClientRect();
      if (at.left < box.left - 1 || at.right > box.right + 1 || at.top < box.top - 1 || at.bottom > box.bottom + 1)
        found.push('text leaves its figure: ' + text.textContent);
    }
  }
  return found;
}"""
BROWSER = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-gpu"]}


def pages():
    """A page of every kind, of small real answers."""
    for task in ("regression", "multiclass"):
        yield f"comparison-{task}", comparison_page(make_answer(task))
    names = {"target": "y", "treatments": [f"t{k + 1}" for k in range(5)]}
    trial = table(rows=3000, treatments=5)[0].rename(columns={"t1": "free shipping", "t2": "coupon"})
    names["treatments"] = ["free shipping", "coupon", "t3", "t4", "t5"]
    yield "effects", effects_page(summarise(quick().fit(trial, **names), table="trial"))
    yield "linear", tw.fit_linear("example:diabetes", path="lasso", search="forward", axes=("bmi", "s1")).page
    settings = {"epochs": 5, "seeds": 2, "watch": False}
    for study, hidden in (("race", "8-8"), ("boundary", "8-8"), ("signal", "8-8-8"), ("landscape", "6-6-6")):
        yield study, tw.run_study(study, "example:iris", hidden=hidden, **settings).page
    yield "capacity", tw.run_study("capacity", "example:iris", **settings).page
    yield "backprop", tw.run_study("backprop", "example:iris", hidden="3", watch=False).page
    quick_guide = {"hidden": "3", "permutations": 2, "resamples": 2}
    yield "guide", tw.run_study("guide", "example:iris", **settings, **quick_guide).page
    small = {"epochs": 3, "folds": 2, "workers": 1}
    yield "observed", tw.fit_observed(trial, target="y", treatments="coupon", watch=False, **small).page
    yield "plan", tw.plan.conv(50, on=["8xa100", "h100"])
    patterns = 2.0 * np.random.default_rng(0).integers(0, 2, (3, 36)) - 1
    memory = tw.Hopfield(rule="hebb").store(patterns)
    curve = capacity_curve(50, [0.1], probes=3)
    yield "hopfield", hopfield_page(memory, patterns.tolist(), memory.recall(patterns), 6, curve)
    yield "boltzmann", boltzmann_page(tw.BoltzmannMachine().fit(np.random.default_rng(1).integers(0, 2, (300, 4))))


def measure(folder, axe):
    """Print a line for every page, and keep pictures of it at three widths, dark and printed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(**BROWSER)
        for path in sorted(folder.glob("*.html")):
            said = [f"{path.stem}: {path.stat().st_size / 1000:.0f} kB"]
            for width in (1280, 768, 390):
                view = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
                view.goto(path.resolve().as_uri())
                found = view.evaluate(CLIPPED)
                said.append(f"{len(found)} clipped at {width} {found[:3] if found else ''}".strip())
                height = view.evaluate("document.documentElement.scrollHeight")
                said.append(f"{height:,} px high")
                view.screenshot(path=folder / f"{path.stem}-{width}.png", full_page=True)
                if width == 1280:
                    view.add_script_tag(path=str(axe))
                    broken = view.evaluate(
                        "async () => (await axe.run()).violations.map(v => v.id + ' ' + v.nodes.length)"
                    )
                    said.append(f"axe: {len(broken)} {broken or ''}".strip())
                    view.pdf(path=folder / f"{path.stem}.pdf", prefer_css_page_size=True)
                    view.emulate_media(color_scheme="dark")
                    view.screenshot(path=folder / f"{path.stem}-dark.png", full_page=True)
                    view.add_script_tag(path=str(axe))
                    dark = view.evaluate(
                        "async () => (await axe.run()).violations.map(v => v.id + ' ' + v.nodes.length)"
                    )
                    said.append(f"axe, dark: {len(dark)} {dark or ''}".strip())
                view.close()
            print("; ".join(said), flush=True)
        browser.close()


def compare(found):
    """Print how many marks each program loses, of all figures together."""
    import cairosvg
    import resvg_py
    from playwright.sync_api import sync_playwright

    wide = SCALE * WIDTH
    with sync_playwright() as play:
        browser = play.chromium.launch(**BROWSER)
        view = browser.new_page(viewport={"width": wide, "height": 4000})

        def chromium(svg):
            view.set_content(f"<style>body{{margin:0}}svg{{width:{wide}px;height:auto;display:block}}</style>{svg}")
            return view.locator("svg").screenshot()

        def librsvg(svg):
            command = ["rsvg-convert", "-w", str(wide), "-f", "png", "-b", "white"]
            return subprocess.run(command, input=svg.encode(), capture_output=True, check=True).stdout  # noqa: S603 - a program of this very comparison

        def inkscape(svg):
            command = ["inkscape", "--pipe", "--export-type=png", "-w", str(wide), "-b", "white", "-o", "-"]
            return subprocess.run(command, input=svg.encode(), capture_output=True, check=True).stdout  # noqa: S603 - a program of this very comparison

        programs = {
            "Chromium": chromium,
            "Inkscape": inkscape,
            "librsvg": librsvg,
            "resvg": lambda svg: bytes(resvg_py.svg_to_bytes(svg_string=svg, width=wide, background="#ffffff")),
            "cairosvg": lambda svg: cairosvg.svg2png(svg.encode(), output_width=wide, background_color="#ffffff"),
        }
        for name, draw in programs.items():
            lost = {one.name: len(lost_marks(svg, draw(svg))) for one in found for svg in [Picture(one).svg()]}
            bad = {key: count for key, count in lost.items() if count}
            print(f"{name}: {sum(lost.values())} marks lost in {len(found)} figures {bad or ''}", flush=True)
        browser.close()


def main(folder, axe):
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    found = []
    for name, page in pages():
        if isinstance(page, Page):
            (place / f"{name}.html").write_text(page_html(page), encoding="utf-8")
            found += figures_of(page)
        elif isinstance(page, str):
            (place / f"{name}.html").write_text(page, encoding="utf-8")
        else:
            page.report(place / f"{name}.html")
    measure(place, Path(axe))
    compare(found)


if __name__ == "__main__":
    main(*sys.argv[1:3])

"""``tests/`` mirrors ``src/``: every file has the test of its name, or a reason and a test that reaches it."""

import ast
from fnmatch import fnmatchcase
from functools import cache

import pytest

from guards.repository import PACKAGE, ROOT, SOURCES, tree_of

TESTS = ROOT / "tests"
ACROSS = {"guards", "laws", "references", "statistics"}  # tests that belong to no single file
COVERED = (  # files without a test of their own name: which, how many at most, the test that reaches them, and why
    ("base/arrays.py", 1, "data/test_encode.py", "names of arrays, no behaviour"),
    ("base/contracts.py", 1, "laws/test_gradients.py", "protocols and records, no behaviour"),
    ("base/interval.py", 1, "select/scoring/test_difference.py", "a record without behaviour"),
    ("base/version.py", 1, "cli/test_cli.py", "one number, compared with the other places that state it"),
    (
        "data/dependence/*.py",
        4,
        "data/dependence/test_look.py",
        "notes, tried on tables with and without a cause",
    ),
    ("data/reading/encodings.py", 1, "data/test_encode.py", "the columns of the encoder that is tested there"),
    ("loss/absent.py", 1, "laws/test_rows.py", "rows of weight zero are a law over all losses"),
    ("optim/kernels.py", 1, "optim/test_adam.py", "stretches of steps that each optimizer's test walks"),
    ("net/adopt.py", 1, "net/test_twin.py", "adopting a module and giving it back are tested as a pair"),
    ("train/notice.py", 1, "train/native/test_runner.py", "what is said where steps are not native"),
    ("train/predict.py", 1, "jobs/test_compare.py", "the last step of every run"),
    ("train/versions.py", 1, "jobs/test_compare.py", "recorded by every run"),
    ("train/*.py", 5, "laws/test_members.py", "the engine's records and stages, held by the laws of members"),
    ("train/remote/*.py", 2, "train/remote/test_remote_crew.py", "what crosses to other machines and how, by its end"),
    ("train/running/*.py", 4, "laws/test_members.py", "the loop and its workers, held by the laws of members"),
    ("train/products/*.py", 2, "train/native/test_runner.py", "which steps run, and how their products round"),
    ("train/native/*.py", 4, "train/native/test_runner.py", "compiling, loading and folding, held by golden digests"),
    ("train/steps/*.py", 9, "laws/test_independence.py", "parts of a step, held by the laws of gradients and bits"),
    (
        "linear/*.py",
        6,
        "cli/test_linear.py",
        "steps of solving, which every model's test goes through, and the whole answer",
    ),
    ("linear/crowds/*.py", 4, "linear/crowds/test_weightings.py", "crowds equal the models one by one"),
    ("linear/paths/*.py", 3, "linear/paths/test_elastic_net_path.py", "parts of paths that are tested at their ends"),
    (
        "linear/postestimation/mean_function.py",
        1,
        "linear/postestimation/test_predict_rows.py",
        "means and derivatives behind every prediction and margin",
    ),
    ("linear/streamed/likelihood_sums.py", 1, "linear/streamed/test_likelihood.py", "what that regression sums"),
    ("linear/numerics/score_sums.py", 1, "linear/test_robust.py", "what robust errors are made of"),
    ("linear/numerics/moment_sums.py", 1, "linear/numerics/test_tally.py", "sums of one kind"),
    ("data/batches/batch_reader.py", 1, "jobs/streamed/test_run.py", "rows of every streamed run"),
    ("jobs/streamed/*.py", 3, "jobs/streamed/test_run.py", "parts of one job, tried by its end"),
    ("linear/numerics/*.py", 5, "linear/test_least_squares.py", "steps of every exact fit, certified at its end"),
    ("linear/likelihoods/*.py", 3, "linear/likelihoods/test_families.py", "what every family is asked for"),
    ("linear/subsets/search.py", 1, "linear/subsets/test_selection.py", "the search behind every selection"),
    ("linear/descent/*.py", 2, "linear/descent/test_descend.py", "objectives, bounds and methods of every descent"),
    ("energy/boltzmann_moments.py", 1, "energy/test_boltzmann.py", "the moments that every fit matches"),
    ("energy/configurations.py", 1, "energy/restricted/test_partition.py", "the states that are summed"),
    ("energy/patterns.py", 1, "energy/restricted/test_machines.py", "rows whose best likelihood is known"),
    ("energy/recall.py", 1, "energy/test_hopfield.py", "the dynamics of the networks tested there"),
    ("energy/input_rows.py", 1, "energy/test_hopfield.py", "what every model does with rows first"),
    ("energy/restricted/*.py", 4, "energy/restricted/test_machines.py", "parts of learning, tested by its end"),
    ("report/energy/figures.py", 1, "report/energy/test_page.py", "the figures of the pages"),
    ("select/*.py", 7, "jobs/test_compare.py", "stages of one comparison"),
    ("select/explaining/*.py", 3, "select/explaining/test_explain.py", "parts of one explanation"),
    ("select/learning/*.py", 4, "estimators/test_contract.py", "shared with the estimators, and tested by both"),
    ("select/scoring/*.py", 2, "jobs/test_compare.py", "tables behind the leaderboard"),
    ("estimators/*.py", 4, "estimators/test_contract.py", "every face passes scikit-learn's checks and ours"),
    (
        "estimators/ensemble/expected_population.py",
        1,
        "jobs/planned/test_estimator.py",
        "what plans of fits are made of",
    ),
    (
        "estimators/ensemble/*.py",
        9,
        "estimators/uncertainty/test_predictive.py",
        "stages of one fit, tested at its end",
    ),
    ("estimators/keeping/plain_settings.py", 1, "estimators/keeping/test_estimator_file.py", "settings in a file"),
    (
        "estimators/keeping/onnx_columns.py",
        1,
        "estimators/ensemble/test_frame_encoding.py",
        "columns in ONNX",
    ),
    ("estimators/keeping/streams.py", 1, "estimators/ensemble/test_incremental.py", "a stream in a file"),
    ("estimators/search/*.py", 7, "estimators/search/test_net_search.py", "strategies of one search"),
    (
        "estimators/uncertainty/*.py",
        6,
        "estimators/uncertainty/test_predictive.py",
        "kinds of uncertainty, told by one record",
    ),
    ("effects/*.py", 7, "effects/test_dedl.py", "stages of one estimate, tested at its end and by simulation"),
    ("effects/experiment/*.py", 7, "effects/test_dedl.py", "an experiment as every estimate reads it"),
    ("effects/identification/*.py", 3, "effects/test_dedl.py", "parts of one check"),
    ("effects/inference/*.py", 5, "effects/test_dedl.py", "parts of one inference, covered by simulation"),
    ("effects/one_treatment/*.py", 7, "effects/one_treatment/test_average.py", "parts of one answer"),
    ("effects/links/*.py", 3, "effects/test_dedl.py", "curves and pilots of structured networks"),
    ("answers/*.py", 10, "answers/test_loading.py", "what a job returns, opened again"),
    ("answers/export/*.py", 2, "answers/export/test_bundle.py", "figures and tables of one archive"),
    ("report/comparison/*.py", 4, "report/comparison/test_page.py", "parts of one page"),
    ("report/linear/model_columns.py", 1, "jobs/test_regression_table.py", "the table of models behind that answer"),
    ("report/linear/*.py", 5, "report/linear/test_page.py", "parts of one page"),
    ("report/effects/group*.py", 2, "report/effects/test_groups_page.py", "parts of that page"),
    ("report/effects/*.py", 8, "report/effects/test_page.py", "parts of one page"),
    ("report/export/*.py", 4, "report/export/test_paper.py", "parts of one drawing, and how it is kept"),
    ("report/observed/*.py", 3, "report/observed/test_page.py", "parts of one page"),
    ("report/drawing/*.py", 3, "report/comparison/test_page.py", "records that every page draws from"),
    ("planning/plan_curves.py", 1, "planning/test_population_forecast.py", "what figures show of those forecasts"),
    ("planning/module_timing.py", 1, "planning/work/test_module_count.py", "steps of the modules counted there"),
    ("planning/machine/audit.py", 1, "jobs/planned/test_machine.py", "what runs record, looked back on there"),
    ("planning/machine/*.py", 3, "planning/machine/test_training_forecast.py", "costs and amounts behind the forecast"),
    ("base/machine/processor.py", 1, "planning/machine/test_training_forecast.py", "a name, part of a machine's facts"),
    ("planning/beside_networks.py", 1, "jobs/planned/test_table.py", "models beside the networks of a plan"),
    ("planning/*.py", 2, "planning/test_forecast.py", "fleets and ranges, which every forecast goes through"),
    ("planning/catalogue/*.py", 4, "planning/catalogue/test_devices.py", "tables that must agree with each other"),
    ("planning/cost/*.py", 2, "planning/cost/test_money.py", "formulas of a line each, against published figures"),
    ("planning/work/*.py", 4, "planning/work/test_training_work.py", "formulas, against published and counted figures"),
    ("report/planning/blocks.py", 1, "cli/test_plan.py", "what every verb of planning prints"),
    ("report/planning/*.py", 2, "jobs/planned/test_table.py", "page and pictures of a plan, looked for there"),
    ("jobs/planned/devices.py", 1, "jobs/planned/test_table.py", "devices as they were named"),
    ("study/*.py", 2, "cli/test_study.py", "the table of studies, and how they train"),
    ("study/race/tracks.py", 1, "study/race/test_optimizer_race.py", "paths of the race"),
    ("study/attribution/findings.py", 1, "study/attribution/test_guide.py", "what the guide finds, in words"),
    ("study/surfaces/contours.py", 1, "study/surfaces/test_landscape.py", "lines of the planes tested there"),
    ("report/study/*.py", 10, "cli/test_study.py", "what every page of a study is made of"),
    ("jobs/effects/groups.py", 1, "jobs/effects/test_experiment.py", "effects by group, tried beside the job"),
    ("jobs/*.py", 8, "jobs/effects/test_experiment.py", "jobs, tested by what they return"),
    ("cli/*.py", 8, "cli/test_cli.py", "verbs, tested by what they print"),
)
BEYOND = {  # tests that mirror no file, and why
    "cli/test_bad_input.py": "mistakes at the door, whichever file answers them",
    "cli/test_cli.py": "the command as a user types it",
    "cli/test_widths.py": "what all verbs print, at several widths",
    "cli/test_effects_bad_input.py": "mistakes at the door",
    "test_doors.py": "values of any kind at every door",
    "test_public_names.py": "the names of the package, and what one call returns given to the next",
    "data/files/test_spanned_cells.py": "memory foreseen for workbooks by the cells their sheets span",
    "data/files/test_messages.py": "every error about a file, whichever raises it",
    "data/test_messages.py": "every error about a table, whichever file raises it",
    "data/test_bad_input.py": "tables of every kind of fault, whichever file finds them",
    "effects/test_bad_input.py": "experiments of every kind of fault",
    "estimators/test_as_scikit_learns_mlp.py": "behaviours of another tool, asked of ours",
    "estimators/test_contract.py": "what holds for every estimator",
    "estimators/test_guide.py": "the how-to page, as it is read",
    "estimators/test_rows_in_errors.py": "whatever checks rows, the caller counts them",
    "estimators/test_with_scikit_learn.py": "pipelines and searches of scikit-learn around ours",
    "jobs/test_integrity.py": "damaged and foreign files of a run, whichever reader finds them",
    "jobs/test_time.py": "folds in time order and clusters of a comparison, whichever file cuts and counts them",
    "jobs/test_what_is_no_name.py": "what is no name, path or function, at every door",
    "report/export/test_renderers.py": "what other programs make of every drawing",
    "linear/test_places.py": "rows and settings in the errors of every model",
    "train/native/test_elementary.py": "loops of steps.c over exponentials and logarithms",
    "train/native/test_golden.py": "whole members under every instruction set",
    "train/native/test_product.py": "the product of steps.c",
    "train/test_cuda.py": "the whole engine on a GPU",
    "train/test_interrupts.py": "the whole engine under Ctrl-C",
}

HALL, DOORS = PACKAGE / "__init__.py", {"answers", "cli", "jobs"}  # the hall leads everywhere: it counts at the doors
NAMES = [path.relative_to(PACKAGE).as_posix() for path in SOURCES if path.stem != "__init__"]
MIRRORS = {name: TESTS / name.replace(name.rpartition("/")[2], f"test_{name.rpartition('/')[2]}") for name in NAMES}
UNTESTED = [name for name, mirror in MIRRORS.items() if not mirror.is_file()]
FOUND = [path.relative_to(TESTS).as_posix() for path in sorted(TESTS.rglob("test_*.py"))]


def pattern_of(name):
    """The first pattern that a file falls under; a star does not pass a slash."""
    return next((p for p, *_ in COVERED if p.count("/") == name.count("/") and fnmatchcase(name, p)), None)


@cache
def imports(path):
    """Files of ours that a file imports, lazy names too."""
    wanted = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            wanted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            wanted |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("thalweg."):
            wanted.add(node.value)
    return {place for name in wanted for place in places_of(name)}


def places_of(name):
    inside = name.removeprefix("thalweg").replace(".", "/").strip("/")
    candidates = (PACKAGE / f"{inside}.py", PACKAGE / inside / "__init__.py", TESTS / f"{name.replace('.', '/')}.py")
    return [path for path in candidates if path.is_file()]


@cache
def reached(test):
    """Every file of ours that a test loads, directly or not."""
    seen, waiting = set(), [TESTS / test]
    while waiting:
        path = waiting.pop()
        if path not in seen and (path != HALL or test.split("/")[0] in DOORS):
            seen.add(path)
            waiting += imports(path)
    return {path.relative_to(PACKAGE).as_posix() for path in seen if PACKAGE in path.parents}


@pytest.mark.parametrize("name", UNTESTED)
def test_a_file_without_its_test_has_a_reason_and_a_test_that_reaches_it(name):
    pattern = pattern_of(name)
    assert pattern is not None, f"write tests/{MIRRORS[name].relative_to(TESTS)}, or say here why not"
    witness = next(test for found, _, test, _ in COVERED if found == pattern)
    assert name in reached(witness), f"{witness} never loads {name}"


@pytest.mark.parametrize(("pattern", "most", "witness", "why"), COVERED)
def test_reasons_are_needed_and_cover_no_more_than_they_say(pattern, most, witness, why):
    covered = [name for name in UNTESTED if pattern_of(name) == pattern]
    assert 1 <= len(covered) <= most, covered
    assert (TESTS / witness).is_file()
    assert why


def test_tests_mirror_a_file_or_say_why_not():
    mirrored = {path.relative_to(TESTS).as_posix() for path in MIRRORS.values()}
    alone = {name for name in FOUND if name not in mirrored and name.split("/")[0] not in ACROSS}
    assert alone == set(BEYOND)

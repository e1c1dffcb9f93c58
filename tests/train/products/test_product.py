import numpy as np
import pytest
import torch

from libraries import LIBRARIES, multiply_with
from thalweg.base.axes import ALIGNMENT
from thalweg.base.errors import SettingError
from thalweg.train.products.openblas import kernels_here, load, openblas
from thalweg.train.products.precision import products
from thalweg.train.products.product import product_call
from thalweg.train.products.switch import SWITCH

SHAPES = [(1, 128, 64, 64), (3, 33, 785, 10), (2, 64, 1, 5), (5, 7, 21, 1), (4, 256, 101, 256), (3, 1, 40, 9)]


def room(slots, rows, columns, dtype):
    """Output with gaps between its matrices, as parameters have them; full of numbers nobody should read."""
    size = rows * columns
    padded = torch.full((slots, -(-size // ALIGNMENT) * ALIGNMENT), torch.nan, dtype=dtype)
    return padded[:, :size].view(slots, rows, columns)


def factors(slots, rows, inner, columns, left, right, dtype):
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(*((slots, inner, rows) if left else (slots, rows, inner)), generator=generator, dtype=dtype)
    b = torch.randn(*((slots, columns, inner) if right else (slots, inner, columns)), generator=generator, dtype=dtype)
    return a.mT if left else a, b.mT if right else b


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("left", "right"), [(False, False), (True, False), (False, True)])
def test_products_are_right_and_a_matrix_is_the_same_alone(monkeypatch, library, dtype, shape, left, right):
    multiply_with(monkeypatch, library)
    slots, rows, _, columns = shape
    a, b = factors(*shape, left, right, dtype)
    together = room(slots, rows, columns, dtype)
    product_call(a, b, together)()
    tolerance = 1e-12 if dtype is torch.float64 else 1e-4
    assert torch.allclose(together, torch.einsum("smk,skn->smn", a, b), atol=tolerance, rtol=tolerance)
    for slot in range(slots):
        alone = room(1, rows, columns, dtype)
        product_call(a[slot : slot + 1], b[slot : slot + 1], alone)()
        assert torch.equal(alone[0], together[slot])


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_start_is_added(monkeypatch, library):
    multiply_with(monkeypatch, library)
    a, b = factors(2, 3, 5, 32, False, True, torch.float64)
    start, out = torch.arange(6.0, dtype=torch.float64).view(2, 3, 1), torch.zeros(2, 3, 32, dtype=torch.float64)
    call = product_call(a, b, out, start)
    for _ in range(2):
        call()
    assert torch.allclose(out, start + a @ b, atol=1e-12)


@pytest.mark.skipif(openblas() is None, reason="torch's products take one thread")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(256, 300, 200), (255, 801, 199), (64, 785, 128), (1024, 300, 1), (512, 512, 512)])
def test_threads_and_neighbours_change_nothing(shape, dtype):
    library, found = openblas(), []
    a, b = factors(3, *shape, True, False, dtype)
    for threads, slots in ((1, 1), (2, 1), (4, 1), (1, 3), (2, 3)):
        library.set_threads(threads)
        out = room(slots, shape[0], shape[2], dtype)
        product_call(a[:slots], b[:slots], out)()
        found.append(out[0])
    library.set_threads(1)
    assert all(torch.equal(found[0], other) for other in found[1:])
    assert torch.allclose(found[0], a[0] @ b[0], atol=1e-3, rtol=1e-3)


def test_rounded_factors_are_left_to_torch():
    a, b = factors(2, 32, 300, 32, False, False, torch.float32)
    rounded = torch.zeros(2, 32, 32)
    with products("bf16"):
        product_call(a, b, rounded)()
        assert torch.equal(rounded, torch.stack([x @ y for x, y in zip(a, b, strict=True)]))


def test_the_library_of_numpy_is_left_alone():
    left, right = np.random.default_rng(0).normal(size=(2, 200, 200))
    before = left @ right
    load("Haswell")
    np.testing.assert_array_equal(left @ right, before)


def test_a_missing_package_means_torch(monkeypatch):
    monkeypatch.setattr("thalweg.train.products.openblas.find_spec", lambda _: None)
    assert load("Haswell") is None


def test_a_library_without_the_functions_means_torch(monkeypatch, tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "libscipy_openblas64_.so").write_bytes(b"not a library")
    spec = type("Spec", (), {"origin": str(tmp_path / "__init__.py")})
    monkeypatch.setattr("thalweg.train.products.openblas.find_spec", lambda _: spec)
    assert load("Haswell") is None


def test_the_kernels_are_those_of_the_processor():
    assert openblas() is None or openblas().name.split()[-1] in kernels_here()


def test_kernels_the_processor_cannot_run_are_refused(monkeypatch):
    monkeypatch.setenv(SWITCH, "Prescott")
    with pytest.raises(SettingError, match=r"Prescott.*torch"):
        openblas.__wrapped__()


def test_torch_can_be_asked_for(monkeypatch):
    monkeypatch.setenv(SWITCH, "torch")
    assert openblas.__wrapped__() is None

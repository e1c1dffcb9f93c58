"""A fitted estimator in other trackers: MLflow and TensorBoard, loaded only here and only when asked for."""

from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from thalweg.base.errors import MissingExtraError
from thalweg.base.run_folder import MODEL_FILE
from thalweg.estimators.keeping.estimator_file import save_estimator


def log_to_mlflow(model: Any, *, name: str | None = None) -> str:
    """Write settings, losses by epoch and the saved estimator as one run of MLflow.

    Parameters
    ----------
    model
        A fitted network estimator; with ``out`` its whole run folder becomes artifacts.
    name
        Of the run; None lets MLflow choose. Where it goes is MLflow's own business: ``mlflow.set_tracking_uri``.

    Returns
    -------
    str
        The run's id.

    Raises
    ------
    MissingExtraError
        If MLflow is not installed.

    Examples
    --------
    See ``tests/estimators/keeping/test_trackers.py``.
    """
    check_is_fitted(model)
    mlflow = _load("mlflow", "MLflow")
    with mlflow.start_run(run_name=name) as run:
        mlflow.log_params({key: str(value)[:500] for key, value in model.get_params(deep=False).items()})
        for curve, losses in _curves(model).items():
            for epoch, loss in enumerate(losses, 1):
                mlflow.log_metric(curve, float(loss), step=epoch)
        folder = getattr(model, "run_folder_", None)
        if folder is not None:
            mlflow.log_artifacts(str(folder))
        else:
            with TemporaryDirectory() as place:
                mlflow.log_artifact(str(save_estimator(model, Path(place) / MODEL_FILE, intervals=False)))
        return str(run.info.run_id)


def log_to_tensorboard(model: Any, folder: str | Path) -> Path:
    """Write the losses of every network by epoch as TensorBoard scalars.

    Parameters
    ----------
    model
        A fitted network estimator.
    folder
        Where ``tensorboard --logdir`` will look.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    MissingExtraError
        If TensorBoard is not installed.

    Examples
    --------
    See ``tests/estimators/keeping/test_trackers.py``.
    """
    check_is_fitted(model)
    writers = _load("torch.utils.tensorboard", "TensorBoard")
    for number, network in enumerate(model.population_.final.networks):
        writer = writers.SummaryWriter(log_dir=str(Path(folder) / f"network {number}"))
        for part in ("training_loss", "validation_loss"):
            for epoch, loss in enumerate(getattr(network.fit, part), 1):
                writer.add_scalar(part, float(loss), epoch)
        writer.close()
    return Path(folder)


def _curves(model: Any) -> dict[str, Any]:
    """Return the mean curves by name."""
    found = {"training_loss": model.loss_curve_, "validation_loss": model.validation_curve_}
    return {name: np.asarray(curve) for name, curve in found.items() if curve is not None}


def _load(module: str, name: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"This needs {name}, which is not installed.", "Install it with: pip install 'thalweg[track]'"
        ) from error

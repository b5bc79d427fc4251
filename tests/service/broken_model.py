"""A model that can be logged, and that does not load where it is served."""

import os

import mlflow
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from model.contract import Answer, Request


class BrokenModel(PythonModel):
    def load_context(self, context: PythonModelContext) -> None:
        if "UVICORN_UDS" in os.environ:
            raise RuntimeError("the tables are gone")

    def predict(self, model_input: list[Request]) -> list[Answer]:  # type: ignore[override]
        return []


mlflow.models.set_model(BrokenModel())

"""From a table of requests to a table of answers."""

from datetime import timedelta

from airflow.sdk import Param, dag

from dags.mlflow_project import SETTINGS, EntryPoint


@dag(
    **SETTINGS,
    schedule=None,
    tags=["quintet", "serving"],
    params={
        "requests": Param("var/requests.csv", type="string", minLength=1, description="a Parquet or CSV file"),
        "output": Param("reports/recommendations.parquet", type="string", minLength=1, description="a Parquet file"),
        "model": Param("models:/quintet@champion", type="string", minLength=1, description="who answers"),
    },
)
def recommend_batch() -> None:
    """### A table of requests → a table of answers, by the champion

    Runs when you trigger it, with the two files as parameters; relative paths start at the checkout. The answers
    replace the file of the run before only when all of them are there. `docs/model.md` says what a request may hold.
    """
    EntryPoint(
        task_id="recommend",
        entry_point="recommend_batch",
        parameters={name: f"{{{{ params.{name} }}}}" for name in ("requests", "output", "model")},
        execution_timeout=timedelta(hours=4),
    )


recommend_batch()

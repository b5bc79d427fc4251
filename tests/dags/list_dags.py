"""Run by Airflow's python: what every DAG is like, as JSON on the last line."""

import json
import os
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag


def about(dag: Any) -> dict[str, Any]:
    condition = getattr(dag.timetable, "asset_condition", None)
    return {
        "tags": sorted(dag.tags),
        "doc": dag.doc_md or "",
        "max_active_runs": dag.max_active_runs,
        "catchup": dag.catchup,
        "paused": bool(dag.is_paused_upon_creation),
        "dagrun_timeout": dag.dagrun_timeout is not None,
        "assets": sorted(asset.name for asset in condition.objects) if condition else [],
        "tasks": {
            task.task_id: {
                "retries": task.retries,
                "timeout": task.execution_timeout is not None,
                "entry_point": getattr(task, "entry_point", None),
                "parameters": sorted(getattr(task, "parameters", {})),
                "outlets": [asset.name for asset in task.outlets],
                "after": sorted(task.upstream_task_ids),
            }
            for task in dag.tasks
        },
    }


bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
errors = {Path(file).name: error for file, error in bag.import_errors.items()}
print(json.dumps({"errors": errors, "dags": {name: about(found) for name, found in bag.dags.items()}}))

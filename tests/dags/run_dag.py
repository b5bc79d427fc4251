"""Run by Airflow's python: one DAG from its start to its end by dag.test(); what became of it as JSON on the last line.

run_dag.py DAG CONF [TIMEOUT_S]
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session

bag = DagBag(str(Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"], f"{sys.argv[1]}.py")))
dag = bag.dags[sys.argv[1]]
for task in dag.tasks:
    task.retry_delay = timedelta(seconds=1)
    if sys.argv[3:]:
        task.execution_timeout = timedelta(seconds=float(sys.argv[3]))
run = dag.test(run_conf=json.loads(sys.argv[2]))
with create_session() as session:
    said = session.scalars(XComModel.get_many(run_id=run.run_id, dag_ids=dag.dag_id, key="return_value"))
    outcomes = {entry.task_id: XComModel.deserialize_value(entry) for entry in said}
tasks = {task.task_id: {"state": str(task.state), "tries": task.try_number} for task in run.get_task_instances()}
print(json.dumps({"state": str(run.state), "tasks": tasks, "outcomes": outcomes}))

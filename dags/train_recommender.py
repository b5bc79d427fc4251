"""From the tables in data/raw to a champion."""

from datetime import timedelta

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, Param, dag

from dags.mlflow_project import CHAMPION, RAW_DATA, RETRAINING, SETTINGS, EntryPoint, emits

WEEKLY = CronTriggerTimetable("0 4 * * 1", timezone="UTC")


@dag(
    **SETTINGS,
    schedule=AssetOrTimeSchedule(timetable=WEEKLY, assets=RAW_DATA | RETRAINING),
    tags=["quintet", "training"],
    params={
        "data_source": Param(
            "", type="string", description="a file, a folder or demo; empty: DATA_SOURCE, as collected"
        ),
        "n_rounds": Param(300, type="integer", minimum=1, description="trees of each ranker, at most"),
        "force_training": Param(False, type="boolean", description="train although nothing changed"),
        "force_promotion": Param(False, type="boolean", description="promote whatever the gate says"),
    },
)
def train_recommender() -> None:
    """### prepare → train → evaluate → promote

    Runs when raw data changed, when drift calls for it, and on Mondays at 04:00 UTC. One run at a time; others wait.

    - A step that fails is tried again. The steps before it are not repeated, and what is up to date is not made again.
    - Tables, models and figures move into place only when they are whole, and the champion moves in one step.
    - A challenger whose figures are not good enough is **refused, and the run is green**: the XCom and the log of
      `promote` say why, `new_champion` is skipped, and the version carries the reasons in its tag `gate_reasons`.
    """
    prepare = EntryPoint(
        task_id="prepare",
        entry_point="prepare",
        parameters={"data_source": "{{ params.data_source or 'collected' }}"},
    )
    train = EntryPoint(
        task_id="train",
        entry_point="train",
        parameters={"n_rounds": "{{ params.n_rounds }}", "force": "{{ params.force_training | lower }}"},
        execution_timeout=timedelta(hours=4),
    )
    evaluate = EntryPoint(task_id="evaluate", entry_point="evaluate", execution_timeout=timedelta(hours=2))
    promote = EntryPoint(
        task_id="promote", entry_point="promote", parameters={"force": "{{ params.force_promotion | lower }}"}
    )
    prepare >> train >> evaluate >> promote
    emits(CHAMPION, task_id="new_champion", when="champion:")(promote.output)


train_recommender()

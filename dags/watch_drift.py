"""From the feedback database to a verdict: has what listeners want moved away from what the model learned from?"""

from airflow.sdk import CronTriggerTimetable, Param, dag

from dags.mlflow_project import RETRAINING, SETTINGS, EntryPoint, emits


@dag(
    **SETTINGS,
    schedule=CronTriggerTimetable("0 2 * * *", timezone="UTC"),
    tags=["quintet", "watching"],
    params={
        "threshold": Param(0.3, type="number", minimum=0, maximum=1, description="share of drifted features"),
        "n_answers": Param(1000, type="integer", minimum=1, description="how many of the latest answers count"),
    },
)
def watch_drift() -> None:
    """### Seeds and feedback against the training playlists

    Every night at 02:00 UTC. Takes the seeds of the latest answers and what listeners liked and added, and compares
    each audio feature with the tracks of the playlists that the model learned from. The figures go to MLflow. Where too
    large a share of the features has drifted, the asset `quintet_retraining` says so, and training starts, with the
    newest feedback exported to `data/raw`; else `retraining` is skipped, and its log says why.
    """
    export_feedback = EntryPoint(task_id="export_feedback", entry_point="export_feedback")
    watch = EntryPoint(
        task_id="watch_drift",
        entry_point="watch_drift",
        parameters={"threshold": "{{ params.threshold }}", "n_answers": "{{ params.n_answers }}"},
    )
    export_feedback >> watch
    emits(RETRAINING, task_id="retraining", when="retraining wanted:")(watch.output)


watch_drift()

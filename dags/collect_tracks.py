"""From the configured source and the feedback database to data/raw."""

from airflow.sdk import CronTriggerTimetable, Param, dag

from dags.mlflow_project import RAW_DATA, SETTINGS, EntryPoint, emits


@dag(
    **SETTINGS,
    schedule=CronTriggerTimetable("0 3 * * *", timezone="UTC"),
    tags=["quintet", "data"],
    params={"data_source": Param("", type="string", description="a file, a folder or demo; empty: DATA_SOURCE")},
)
def collect_tracks() -> None:
    """### The source and the feedback → data/raw

    Every night at 03:00 UTC. Copies the tables of `DATA_SOURCE` into `data/raw`, whole or not at all, and exports there
    what listeners liked and added. If anything is new, the asset `quintet_raw_data` says so, and training starts; if
    nothing is, `raw_data` is skipped.

    Nothing here comes from Spotify's API: its terms forbid training models on its content. Quintet asks that API for
    look-up and display only, and what it is trained on is what you supply.
    """
    export_feedback = EntryPoint(task_id="export_feedback", entry_point="export_feedback")
    collect = EntryPoint(
        task_id="collect", entry_point="collect", parameters={"data_source": "{{ params.data_source }}"}
    )
    export_feedback >> collect
    emits(RAW_DATA, task_id="raw_data", when="new data:")(collect.output)


collect_tracks()

"""Batch answers are the answers that the model gives one by one, row for row."""

import json
from pathlib import Path

import pandas as pd
import pytest

from model.answers import Answerer
from model.contract import Request
from model.recommend_batch import UnusableRequests, read_requests, to_table

REQUESTS = [
    Request(seed_track_ids=["metal004", "metal005"], k=5),
    Request(seed_track_ids=["folk004"], k=3, min={"energy": 0.2}, exclude_artists=["The Folk 2"]),
    Request(seed_track_ids=["nope"]),
    Request(seed_track_ids=["disco004"], k=2, target={"valence": 0.1}, explain=True, allow_explicit=False),
]


def test_parquet_keeps_every_field(tmp_path: Path) -> None:
    path = tmp_path / "requests.parquet"
    pd.DataFrame([request.model_dump(exclude_unset=True) for request in REQUESTS]).to_parquet(path)
    assert read_requests(path) == REQUESTS


def test_csv_takes_json_or_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "requests.csv"
    columns = ["seed_track_ids", "k", "min", "exclude_artists", "target", "explain", "allow_explicit", "comment"]
    rows = [
        ["metal004 metal005", "5", "", "", "", "", "", "two"],
        [json.dumps(["folk004"]), "3", '{"energy": 0.2}', "The Folk 2", "", "", "", "one artist less"],
        ["nope", "", "", "", "", "", "", ""],
        ["disco004", "2", "", "", '{"valence": 0.1}', "true", "false", "sad"],
    ]
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
    assert read_requests(path) == REQUESTS


def test_there_is_one_row_an_answer_in_the_order_asked(answerer: Answerer) -> None:
    answers = [answerer.answer(request) for request in REQUESTS]
    table = to_table(answers)
    assert table["track_ids"].map(len).tolist() == [5, 3, 0, 2]
    assert table["track_ids"][0] == [track.track_id for track in answers[0].tracks]
    assert table["seed_statuses"][2] == ["unknown"]
    assert "None of the 1 seeds" in table["message"][2]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("track_id\nmetal004\n", "no column seed_track_ids, but track_id"),
        ("seed_track_ids,k\nmetal004,many\n", "request 1"),
        ('seed_track_ids\nmetal004\n["metal004\n', "request 2"),
    ],
)
def test_unusable_requests_are_refused_with_the_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "requests.csv"
    path.write_text(text)
    with pytest.raises(UnusableRequests, match=complaint):
        read_requests(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableRequests, match="there is no file"):
        read_requests(tmp_path / "nothing.csv")

"""spotipy itself, over HTTP, with nothing changed but the address."""

import re
from pathlib import Path

import httpx
import pytest
import spotipy

from gateway.catalog import Catalog, CatalogTrack
from tests.gateway.stub_model import StubModel

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.filterwarnings("ignore:You're using:DeprecationWarning")  # spotipy, of what Spotify removed


@pytest.fixture
def tracks(catalog: Catalog) -> list[CatalogTrack]:
    return catalog.random(5, rng_seed=1)


@pytest.fixture
def ids(tracks: list[CatalogTrack]) -> list[str]:
    return [track.track_id for track in tracks]


def test_recommendations_are_twenty_other_tracks(sp: spotipy.Spotify, ids: list[str]) -> None:
    answer = sp.recommendations(seed_tracks=ids)
    recommended = [track["id"] for track in answer["tracks"]]
    assert len(set(recommended)) == 20
    assert not set(recommended) & set(ids)
    assert [seed["id"] for seed in answer["seeds"]] == ids


def test_a_seed_may_be_a_uri_or_an_address(sp: spotipy.Spotify, ids: list[str]) -> None:
    written = [f"spotify:track:{ids[0]}", f"https://open.spotify.com/track/{ids[1]}?si=abc", ids[2]]
    assert sp.recommendations(seed_tracks=written) == sp.recommendations(seed_tracks=ids[:3])


def test_artists_genres_and_tracks_are_seeds_together(
    sp: spotipy.Spotify, tracks: list[CatalogTrack], catalog: Catalog
) -> None:
    artist, genre = tracks[0].artist_id, catalog.genres()[0]
    answer = sp.recommendations(
        seed_artists=[artist, f"spotify:artist:{tracks[1].artist_id}"],
        seed_genres=[genre],
        seed_tracks=[tracks[2].track_id],
    )
    assert [(seed["type"], seed["id"]) for seed in answer["seeds"]] == [
        ("ARTIST", artist),
        ("ARTIST", tracks[1].artist_id),
        ("GENRE", genre),
        ("TRACK", tracks[2].track_id),
    ]
    assert all(seed["initialPoolSize"] > 0 for seed in answer["seeds"])
    assert len(answer["tracks"]) == 20


def test_an_artist_seed_asks_the_model_for_the_artists_most_popular_tracks(
    sp: spotipy.Spotify, tracks: list[CatalogTrack], catalog: Catalog, model: StubModel
) -> None:
    sp.recommendations(seed_artists=[tracks[0].artist_id])
    best = [track.track_id for track in catalog.artist_tracks(tracks[0].artist_id, 3)]
    assert model.requests[-1]["seed_track_ids"] == best


@pytest.mark.parametrize("spelling", ["Bedroom-Pop", "BEDROOM POP", "bedroompop"])
def test_a_genre_may_be_spelt_as_spotify_spelt_it(sp: spotipy.Spotify, spelling: str) -> None:
    as_it_stands, spelt = (sp.recommendations(seed_genres=[name]) for name in ("bedroom pop", spelling))
    assert spelt["tracks"] == as_it_stands["tracks"] != []


@pytest.mark.parametrize("limit", [1, 20, 100])
def test_limit_is_how_many_come(sp: spotipy.Spotify, ids: list[str], limit: int) -> None:
    assert len(sp.recommendations(seed_tracks=ids, limit=limit, country="KR")["tracks"]) == limit


def test_no_track_is_outside_the_bounds(sp: spotipy.Spotify, ids: list[str]) -> None:
    answer = sp.recommendations(
        seed_tracks=ids, limit=50, min_energy=0.4, max_energy=0.6, max_tempo=130, min_popularity=20
    )
    features = sp.audio_features([track["id"] for track in answer["tracks"]])
    assert len(features) == 50
    assert all(0.4 <= track["energy"] <= 0.6 and track["tempo"] <= 130 for track in features)
    assert all(track["popularity"] >= 20 for track in answer["tracks"])


def test_the_pool_sizes_are_those_of_the_model(sp: spotipy.Spotify, ids: list[str], catalog: Catalog) -> None:
    free, bounded = sp.recommendations(seed_tracks=ids[:1]), sp.recommendations(seed_tracks=ids[:1], min_energy=0.5)
    (seed,), (bounded_seed,) = free["seeds"], bounded["seeds"]
    loud = [track for track in catalog.random(5000, 0) if (track.energy or 0) >= 0.5 and track.track_id != ids[0]]
    assert seed["initialPoolSize"] == seed["afterFilteringSize"] == bounded_seed["initialPoolSize"]
    assert 0 <= len(loud) - bounded_seed["afterFilteringSize"] < 10  # other versions of the seed are not candidates
    assert bounded_seed["afterRelinkingSize"] == bounded_seed["afterFilteringSize"]


def test_a_target_for_the_duration_does_not_empty_the_answer(sp: spotipy.Spotify, ids: list[str]) -> None:
    assert len(sp.recommendations(seed_tracks=ids, target_duration_ms=180_000)["tracks"]) == 20


def test_a_higher_target_energy_raises_the_mean_energy(sp: spotipy.Spotify, ids: list[str]) -> None:
    means = []
    for target in (0.1, 0.5, 0.9):
        answer = sp.recommendations(seed_tracks=ids, target_energy=target)
        energies = [track["energy"] for track in sp.audio_features([track["id"] for track in answer["tracks"]])]
        means.append(sum(energies) / len(energies))
    assert means == sorted(means) and means[0] < means[-1]


def test_impossible_bounds_give_no_track_and_say_so_in_the_pool(sp: spotipy.Spotify, ids: list[str]) -> None:
    answer = sp.recommendations(seed_tracks=ids[:1], min_tempo=999)
    assert answer["tracks"] == []
    assert answer["seeds"][0]["initialPoolSize"] > 0 == answer["seeds"][0]["afterFilteringSize"]


def test_time_signature_is_accepted_and_changes_nothing(sp: spotipy.Spotify, ids: list[str]) -> None:
    assert sp.recommendations(seed_tracks=ids, target_time_signature=4, min_time_signature=3) == sp.recommendations(
        seed_tracks=ids
    )


def test_unknown_seeds_have_no_pool_and_the_known_ones_are_used(sp: spotipy.Spotify, ids: list[str]) -> None:
    answer = sp.recommendations(seed_tracks=[ids[0], "0" * 22], seed_artists=["1" * 22], seed_genres=["no such genre"])
    assert {seed["id"]: seed["initialPoolSize"] > 0 for seed in answer["seeds"]} == {
        "1" * 22: False,
        "no such genre": False,
        ids[0]: True,
        "0" * 22: False,
    }
    assert len(answer["tracks"]) == 20


@pytest.mark.parametrize("seeds", [{"seed_tracks": ["0" * 22]}, {"seed_genres": ["no such genre"]}])
def test_seeds_that_are_all_unknown_give_an_empty_answer(sp: spotipy.Spotify, seeds: dict[str, list[str]]) -> None:
    answer = sp.recommendations(**seeds)
    assert answer["tracks"] == []
    assert [seed["initialPoolSize"] for seed in answer["seeds"]] == [0]


def test_genre_seeds_are_the_genres_of_the_catalog(sp: spotipy.Spotify, catalog: Catalog) -> None:
    assert sp.recommendation_genre_seeds() == {"genres": catalog.genres()}
    assert len(catalog.genres()) > 5


def test_audio_features_come_in_request_order_with_null_for_the_unknown(
    sp: spotipy.Spotify, tracks: list[CatalogTrack], ids: list[str]
) -> None:
    features = sp.audio_features([ids[1], "0" * 22, ids[0], ids[1]])
    assert [track and track["id"] for track in features] == [ids[1], None, ids[0], ids[1]]
    assert features[0]["energy"] == tracks[1].energy


def test_audio_features_of_one_track_come_as_a_list(sp: spotipy.Spotify, ids: list[str]) -> None:
    assert [track["id"] for track in sp.audio_features(ids[0])] == ids[:1]


def test_a_hundred_audio_features_come_at_once_and_no_more(sp: spotipy.Spotify, catalog: Catalog) -> None:
    many = [track.track_id for track in catalog.random(101, 0)]
    assert len(sp.audio_features(many[:100])) == 100
    with pytest.raises(spotipy.SpotifyException, match="ids: List should have at most 100 items") as error:
        sp.audio_features(many)
    assert error.value.http_status == 400


def test_a_track_and_several_tracks(sp: spotipy.Spotify, tracks: list[CatalogTrack], ids: list[str]) -> None:
    track = sp.track(ids[0])
    assert (track["name"], track["artists"][0]["name"]) == (tracks[0].title, tracks[0].artist)
    assert sp.tracks([ids[0], "0" * 22]) == {"tracks": [track, None]}


def test_search_finds_a_track_by_title_and_artist(sp: spotipy.Spotify, tracks: list[CatalogTrack]) -> None:
    page = sp.search(f"track:{tracks[0].title} artist:{tracks[0].artist}", limit=5)["tracks"]
    assert tracks[0].track_id in [track["id"] for track in page["items"]]


def test_search_pages_lead_to_every_hit_once(sp: spotipy.Spotify, catalog: Catalog) -> None:
    page = sp.search(q="the", limit=7)["tracks"]
    seen = [track["id"] for track in page["items"]]
    while page["next"]:
        page = sp.next(page)["tracks"]
        seen += [track["id"] for track in page["items"]]
    assert len(seen) == len(set(seen)) == page["total"] > 14
    assert sp.previous(page)["tracks"]["items"][-1]["id"] == seen[page["offset"] - 1]


def test_an_artist_and_their_top_tracks(sp: spotipy.Spotify, tracks: list[CatalogTrack], catalog: Catalog) -> None:
    artist = sp.artist(tracks[0].artist_id)
    assert artist["name"] in tracks[0].artist
    assert sp.artists([tracks[0].artist_id, "0" * 22]) == {"artists": [artist, None]}
    top = sp.artist_top_tracks(tracks[0].artist_id)["tracks"]
    assert [track["id"] for track in top] == [
        track.track_id for track in catalog.artist_tracks(tracks[0].artist_id, 10)
    ]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda sp: sp.track("0" * 22), "is not in the catalog"),
        (lambda sp: sp.artist("0" * 22), "is not in the catalog"),
        (lambda sp: sp.artist_top_tracks("0" * 22), "is not in the catalog"),
        (lambda sp: sp.album("0" * 22), "Not Found"),
        (lambda sp: sp.audio_analysis("0" * 22), "Not Found"),
    ],
)
def test_what_is_not_there_is_a_404_with_a_message(sp: spotipy.Spotify, call: object, words: str) -> None:
    with pytest.raises(spotipy.SpotifyException, match=words) as error:
        call(sp)  # type: ignore[operator]
    assert error.value.http_status == 404


@pytest.mark.parametrize("page", ["README.md", "docs/api.md"])
def test_the_example_in_the_docs_runs_as_written(
    gateway: httpx.Client, page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / page).read_text()
    (example,) = re.findall(r"```python\n(import spotipy\n.*?)```", text, re.DOTALL)
    address = str(gateway.base_url).rstrip("/")
    assert "http://127.0.0.1:8000/" in example
    exec(compile(example.replace("http://127.0.0.1:8000", address), page, "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) == 20

"""The local catalog: looking up, matching, and search as it is typed."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest

from benchmarks.search_quality import kinds, measure, sample
from data.clean import clean
from data.read import RawTables
from data.search_index import write_catalog_db
from gateway.catalog import Catalog, CatalogMissing, CatalogTrack
from gateway.catalog_search import search_ranks
from model.schemas import CATALOG
from tests.data.rows import cleaned, large_tables

TRACKS = [
    {"track_name": "Halo", "track_artist": "Beyoncé", "track_popularity": "80"},
    {"track_name": "Halo - Radio Edit", "track_artist": "Beyoncé", "track_popularity": "60"},
    {"track_name": "Halo", "track_artist": "Nobody Much", "track_popularity": "20"},
    {"track_name": "Crazy in Love (feat. JAY-Z)", "track_artist": "Beyoncé", "track_popularity": "75"},
    {"track_name": "Back In Black", "track_artist": "AC/DC", "track_popularity": "84"},
    {"track_name": "달라달라 DALLA DALLA", "track_artist": "ITZY", "track_popularity": "70"},
    {"track_name": "여름밤의 편지", "track_artist": "달빛상점", "track_popularity": "30"},
    {"track_name": "夜に駆ける", "track_artist": "ナイトトレイン", "track_popularity": "77"},
    {"track_name": "?", "track_artist": "Question Band", "track_popularity": "5"},
    {"track_name": "Love Letters", "track_artist": "Amber Garden", "track_popularity": "90"},
    {"track_name": "Blinding Lights", "track_artist": "The Weekend Kites", "track_popularity": "95"},
]
LARGE = large_tables()


def write(path: Path, *tracks: dict[str, str], **meta: str) -> Catalog:
    write_catalog_db(path, cleaned(*tracks), meta)
    return Catalog(path)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    path = tmp_path_factory.mktemp("catalog") / "catalog.db"
    return write(path, *TRACKS, source="a test", is_demo="0")


@pytest.fixture(scope="module", params=LARGE)
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "catalog.db"
    write_catalog_db(path, clean(RawTables(LARGE[request.param])), {})
    return path


def titles(catalog: Catalog, q: str, limit: int = 10) -> list[str]:
    return [track.title for track in catalog.search(q, limit)]


def test_a_catalog_track_has_the_catalogs_columns() -> None:
    assert [field.name for field in fields(CatalogTrack)] == list(CATALOG.columns)


def test_a_track_is_found_by_its_id_with_whole_numbers_whole(catalog: Catalog) -> None:
    track = catalog.track("t1")
    assert track is not None
    assert (track.title, track.artist, track.popularity, track.energy) == ("Halo", "Beyoncé", 80.0, 0.6)
    assert (repr(track.release_year), repr(track.key), repr(track.duration_ms)) == ("2001", "4", "200000")
    assert (track.explicit, track.isrc) == (None, None)


def test_tracks_come_in_the_order_asked_for_without_the_unknown(catalog: Catalog) -> None:
    assert [track.track_id for track in catalog.tracks(["t5", "x", "t1", "t5"])] == ["t5", "t1", "t5"]


def test_the_explicit_flag_is_a_truth_value(tmp_path: Path) -> None:
    found = write(tmp_path / "catalog.db", {"explicit": "True"}, {"explicit": "0"}, {"explicit": ""})
    assert repr([track.explicit for track in found.tracks(["t1", "t2", "t3"])]) == "[True, False, None]"


@pytest.mark.parametrize(
    ("track_id", "isrc", "title", "artist", "found"),
    [
        ("t3", None, "", "", "t3"),
        ("elsewhere", "us-abc-01-00001", "", "", "t5"),
        ("elsewhere", None, "HALO (feat. Someone) - Remastered 2011", "Beyonce", "t1"),
        (None, None, "Halo", "Beyoncé, Someone Else", "t1"),
        (None, None, "Halo", "Tyler, The Unknown", None),
        (None, None, "Halo - Live", "Beyoncé", None),
        (None, None, "달라달라 DALLA DALLA", "itzy", "t6"),
        (None, "", "", "", None),
    ],
)
def test_matches_by_id_then_isrc_then_title_and_first_artist(
    tmp_path: Path, track_id: str | None, isrc: str | None, title: str, artist: str, found: str | None
) -> None:
    tracks = [track | {"isrc": "USABC0100001" if i == 4 else ""} for i, track in enumerate(TRACKS)]
    catalog = write(tmp_path / "catalog.db", *tracks)
    assert catalog.match(track_id, isrc, title, artist) == found


def test_an_artist_is_known_by_name_count_and_most_popular_tracks(catalog: Catalog) -> None:
    track = catalog.track("t4")
    assert track is not None
    artist = catalog.artist(track.artist_id)
    assert artist is not None
    assert (artist.name, artist.n_tracks) == ("Beyoncé", 3)
    assert [each.track_id for each in catalog.artist_tracks(track.artist_id, 2)] == ["t1", "t4"]
    assert catalog.artist("nobody") is None


def test_genres_list_their_most_popular_tracks(catalog: Catalog) -> None:
    assert catalog.genres() == ["dance pop", "pop"]
    assert [track.track_id for track in catalog.genre_tracks("Pop", 3)] == ["t11", "t10", "t5"]
    assert catalog.genre_tracks("polka", 3) == []


def test_random_tracks_differ_by_seed_and_only_by_seed(catalog: Catalog) -> None:
    ids = [[track.track_id for track in catalog.random(5, seed)] for seed in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]
    assert len(set(ids[0])) == 5
    assert len(catalog.random(1000, 1)) == len(TRACKS)


def test_info_is_what_prepare_wrote(catalog: Catalog) -> None:
    assert catalog.info() == {"schema_version": "1", "source": "a test", "is_demo": "0"}


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("halo beyonce", "Halo"),
        ("beyonce halo", "Halo"),
        ("BEYONCÉ  crazy", "Crazy in Love (feat. JAY-Z)"),
        ("bey cra", "Crazy in Love (feat. JAY-Z)"),
        ("love crazy beyonce", "Crazy in Love (feat. JAY-Z)"),
        ("crazy jay z", "Crazy in Love (feat. JAY-Z)"),
        ("ac/dc", "Back In Black"),
        ("acdc", "Back In Black"),
        ("blin", "Blinding Lights"),
        ("halo radio edit", "Halo - Radio Edit"),
        ("달라", "달라달라 DALLA DALLA"),
        ("라달", "달라달라 DALLA DALLA"),
        ("dalla 달라달라", "달라달라 DALLA DALLA"),
        ("편지", "여름밤의 편지"),
        ("달빛 여름", "여름밤의 편지"),
        ("駆ける", "夜に駆ける"),
        ("トレイン", "夜に駆ける"),
        ("ﾄﾚｲﾝ", "夜に駆ける"),
        ("?", "?"),
    ],
)
def test_finds_as_it_is_typed(catalog: Catalog, q: str, first: str) -> None:
    assert titles(catalog, q)[0] == first


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("hlo beyonce", "Halo"),
        ("halo beyonxe", "Halo"),
        ("halo beyonec", "Halo"),
        ("halobeyonce", "Halo"),
        ("ha lo beyonce", "Halo"),
        ("halo bey once", "Halo"),
        ("halob eyonce", "Halo"),
        ("blindin glights", "Blinding Lights"),
        ("blindingl ights", "Blinding Lights"),
        ("crazyi n love", "Crazy in Love (feat. JAY-Z)"),
        ("crazy i nlove", "Crazy in Love (feat. JAY-Z)"),
        ("halohbeyonce", "Halo"),
        ("beyomc", "Halo"),
        ("blindign", "Blinding Lights"),
        ("bli ding lights", "Blinding Lights"),
        ("bakc in black", "Back In Black"),
        ("여름방의 편지", "여름밤의 편지"),
        ("여름의 편지", "여름밤의 편지"),
        ("여름밤의 편ㅈ", "여름밤의 편지"),
        ("여름바", "여름밤의 편지"),
        ("夜を駆ける", "夜に駆ける"),
        ("halo by beyonce", "Halo"),
    ],
)
def test_forgives_one_slip(catalog: Catalog, q: str, first: str) -> None:
    assert titles(catalog, q)[0] == first


def test_versions_come_by_popularity_with_the_canonical_first(catalog: Catalog) -> None:
    assert [track.track_id for track in catalog.search("halo beyonce")] == ["t1", "t2"]


def test_a_title_that_is_typed_whole_goes_before_a_more_popular_longer_one(tmp_path: Path) -> None:
    found = write(
        tmp_path / "catalog.db",
        {"track_name": "Halo Garden Parade", "track_popularity": "90"},
        {"track_name": "Halo", "track_popularity": "40"},
    )
    assert titles(found, "halo") == ["Halo", "Halo Garden Parade"]


def test_near_matches_follow_the_exact_ones(tmp_path: Path) -> None:
    found = write(
        tmp_path / "catalog.db",
        {"track_name": "Helo", "track_popularity": "1"},
        {"track_name": "Hello", "track_popularity": "90"},
    )
    assert titles(found, "helo") == ["Helo", "Hello"]


@pytest.mark.parametrize("q", ["", "   ", "\0", "　", "\u200b", "\ud83d"])
def test_a_blank_query_finds_nothing(catalog: Catalog, q: str) -> None:
    assert catalog.search(q) == []


@pytest.mark.parametrize(
    "q",
    [
        '"', '""', "halo AND", "OR", "NOT halo", "NEAR(halo beyonce, 2)", "title:halo", "halo*", "^halo", "(halo",
        "-halo", "{title artist}: halo", "halo + beyonce", "'; DROP TABLE tracks; --", "halo' OR '1'='1", "%", "_",
        "\\", "halo\0beyonce", "🎵 halo", "halo\ud83d", "x" * 10_000, "a " * 5_000, "夜" * 300, "\u202ehalo",
    ],
)  # fmt: skip
def test_nothing_in_a_query_is_syntax(catalog: Catalog, q: str) -> None:
    assert all(isinstance(track, CatalogTrack) for track in catalog.search(q))
    assert titles(catalog, "halo beyonce")[0] == "Halo"


def statements(path: Path, q: str, budget_s: float) -> list[str]:
    """The statements that a search asks for, without those that FTS5 makes of them."""
    seen: list[str] = []
    with closing(sqlite3.connect(path)) as db:
        db.set_trace_callback(seen.append)
        search_ranks(db, q, 10, budget_s)
    return [statement for statement in seen if "MATCH" in statement or "vocabulary" in statement]


@pytest.mark.parametrize(
    "q",
    [
        " ".join("abcdefghijklmnopqrstuvwx"), "the of in a my love you me to feat remix edit radio original mix on it",
        "夜" * 200, "".join(map(chr, range(0x4E00, 0x4EC8))), "x" * 200, " ".join(f"qz{i}" for i in range(40)),
    ],
)  # fmt: skip
def test_no_query_becomes_much_work(large: Path, q: str) -> None:
    work = statements(large, q, budget_s=60)
    assert len(work) <= 60
    assert sum(map(len, work)) <= 30_000


def test_a_search_that_has_used_its_time_tries_no_further_way(large: Path) -> None:
    q = "under garden harbor signal blue islands midnight neon"
    assert len(statements(large, q, budget_s=0)) < 0.7 * len(statements(large, q, budget_s=60))


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_gives_no_more_than_the_limit(catalog: Catalog, limit: int) -> None:
    assert len(catalog.search("e", limit)) <= limit


@pytest.mark.parametrize(("kind", "at_least"), [("title artist", 0.99), ("artist title", 0.99), ("with one typo", 0.9)])
def test_a_track_of_the_catalog_is_in_the_first_five(large: Path, kind: str, at_least: float) -> None:
    result = measure(Catalog(large), sample(large, 300, seed=3), kinds(3)[kind])
    assert result.hit_rate >= at_least, result.missed


def test_threads_share_a_catalog(catalog: Catalog) -> None:
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(titles(catalog, "halo beyonce"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["Halo", "Halo - Radio Edit"]] * 8


def test_a_new_file_in_place_is_read_at_the_next_call(tmp_path: Path) -> None:
    path, new = tmp_path / "catalog.db", tmp_path / "new.db"
    catalog = write(path, {"track_name": "Before"})
    write(new, {"track_name": "After"})
    assert titles(catalog, "before") == ["Before"]
    new.replace(path)
    assert titles(catalog, "after") == ["After"]


def test_a_missing_catalog_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(CatalogMissing, match=r"no catalog at .*catalog\.db; run `mlflow run \. -e prepare`"):
        Catalog(tmp_path / "catalog.db")


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough to be one" * 50])
def test_another_file_under_its_name_is_no_catalog(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "catalog.db"
    path.write_bytes(content)
    with pytest.raises(CatalogMissing, match="is not a catalog"):
        Catalog(path)


def test_another_layout_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    write(path, {})
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = '0' WHERE key = 'schema_version'")
    with pytest.raises(CatalogMissing, match="has layout 0, not 1"):
        Catalog(path)

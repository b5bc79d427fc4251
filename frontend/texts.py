"""Every text of the page, in English and in Korean, and nothing else."""

from collections.abc import Mapping, Sequence

LANGUAGES: Mapping[str, str] = {"en": "English", "ko": "한국어"}
"""Language code -> what its speakers call it."""

TEXTS: Mapping[str, tuple[str, str]] = {
    # Head
    "head.claim": ("Five songs in, a playlist out.", "다섯 곡을 고르면, 플레이리스트가 됩니다."),
    "head.demo": (
        "**Demo data: these songs are fictional.** Quintet made them up so that you can try it. "
        "Set DATA_SOURCE to recommend real music.",
        "**데모 데이터입니다. 여기 나오는 곡은 모두 가상의 곡입니다.** "
        "바로 써 볼 수 있도록 Quintet이 만들어 낸 곡입니다. "
        "실제 음악을 추천받으려면 DATA_SOURCE를 설정하세요.",
    ),
    # Pick
    "pick.search": ("Search for songs, or paste Spotify links", "곡을 검색하거나 Spotify 링크를 붙여넣으세요"),
    "pick.placeholder": ("Title, artist, or both", "제목, 아티스트, 또는 둘 다"),
    "pick.results": ("Songs found", "검색 결과"),
    "pick.nothing": (
        "Nothing found for “{q}”. Try the title alone, or the artist alone.",
        "‘{q}’에 대한 결과가 없습니다. 제목만, 또는 아티스트만 입력해 보세요.",
    ),
    "pick.spotify_off": ("Searching the local catalog.", "로컬 카탈로그에서 검색합니다."),
    "pick.add": ("Add {title}", "{title} 추가"),
    "pick.added": ("{title} is picked", "{title} 선택됨"),
    "pick.remove": ("Remove {title}", "{title} 빼기"),
    "pick.not_in_catalog": (
        "Cannot be a seed: the catalog does not know it, so nothing is known of its sound.",
        "시작 곡으로 쓸 수 없습니다. 카탈로그에 없어 어떤 소리인지 알 수 없습니다.",
    ),
    "pick.outside": (
        "Not in the catalog: how it sounds is looked up when you ask for the list.",
        "카탈로그에 없는 곡입니다. 추천할 때 어떤 소리인지 찾아봅니다.",
    ),
    "pick.slots": ("Picked songs", "고른 곡 목록"),
    "pick.slot": ("Add a song", "곡을 추가하세요"),
    "pick.full": (
        "{n} songs are as many as fit. Remove one to add another.",
        "최대 {n}곡까지 담을 수 있습니다. 한 곡을 빼고 추가하세요.",
    ),
    "pick.recommend": ("Make my playlist", "플레이리스트 만들기"),
    "pick.again": ("Another take", "다르게 추천받기"),
    "pick.clear": ("Start over", "처음부터 다시"),
    "pick.links_found": ("{n} of {total} links lead to songs here.", "링크 {total}개 중 {n}개가 여기 있는 곡입니다."),
    "pick.add_all": ("Add all {n}", "{n}곡 모두 추가"),
    "pick.link_unknown": (
        "Cannot be seeds, because the catalog does not know them: {links}",
        "카탈로그에 없어 시작 곡으로 쓸 수 없는 링크: {links}",
    ),
    "pick.link_other": (
        "That link is a playlist, an album or an artist. Paste links of songs: in Spotify, select the songs of a "
        "playlist and copy them.",
        "플레이리스트, 앨범, 아티스트 링크입니다. 곡 링크를 붙여넣으세요. "
        "Spotify에서 플레이리스트의 곡을 선택해 복사하면 됩니다.",
    ),
    "pick.start": ("Nothing in mind? Start from", "떠오르는 곡이 없다면"),
    "pick.surprise": ("Surprise me", "아무거나"),
    # Tune
    "tune.heading": ("Tune", "조절"),
    "tune.energy": ("Calmer ↔ livelier", "차분하게 ↔ 신나게"),
    "tune.mood": ("Darker ↔ brighter", "어둡게 ↔ 밝게"),
    "tune.dance": ("For sitting ↔ for dancing", "감상용 ↔ 댄스용"),
    "tune.acoustic": ("Electric ↔ acoustic", "일렉트릭 ↔ 어쿠스틱"),
    "tune.tempo": ("Slower ↔ faster", "느리게 ↔ 빠르게"),
    "tune.era": ("Era", "시대"),
    "tune.familiar": ("Deep cuts ↔ familiar", "숨은 곡 ↔ 익숙한 곡"),
    "tune.variety": ("Alike ↔ varied", "비슷하게 ↔ 다양하게"),
    "tune.more": ("More", "더 보기"),
    "tune.energy_range": ("Energy between", "에너지 범위"),
    "tune.mood_range": ("Mood between", "분위기 범위"),
    "tune.dance_range": ("Danceability between", "그루브 범위"),
    "tune.acoustic_range": ("Acousticness between", "어쿠스틱 범위"),
    "tune.tempo_range": ("Beats per minute", "분당 박자 수(BPM)"),
    "tune.popularity_range": ("Popularity between", "인기도 범위"),
    "tune.length_range": ("Minutes", "길이(분)"),
    "tune.per_artist": ("Songs per artist, at most", "아티스트당 최대 곡 수"),
    "tune.per_artist_help": ("0 is no limit.", "0이면 제한이 없습니다."),
    "tune.length": ("Length of the list", "목록 길이"),
    "tune.clean": ("Leave out explicit songs", "청소년 유해 곡 빼기"),
    "tune.clean_help": (
        "Leaves out what the catalog marks as explicit; a catalog without such marks leaves nothing out.",
        "카탈로그에 표시된 곡만 뺍니다. 표시가 없는 카탈로그에서는 아무것도 빠지지 않습니다.",
    ),
    "tune.reset": ("Back to the middle", "처음 상태로"),
    # Why this
    "why.nearest": ("sounds like “{title}” ({alike}\u00a0%)", "‘{title}’ 같은 소리 ({alike}%)"),
    "reason.album": ("from an album that you picked from", "내가 고른 앨범의 곡"),
    "reason.artist": ("by an artist that you picked", "내가 고른 아티스트의 곡"),
    "reason.artist_playlists": (
        "its artist shares playlists with yours",
        "내 아티스트들과 자주 함께 담김",
    ),
    "reason.playlists": ("stands in playlists with your songs", "내 곡들과 자주 함께 담김"),
    "reason.style": ("in the style of your songs", "내 곡들과 같은 스타일"),
    "reason.time": ("from the time of your songs", "내 곡들과 같은 시기의 곡"),
    "reason.known": ("about as well known as your songs", "내 곡들만큼 알려진 곡"),
    "reason.words": ("shares words with your songs", "내 곡들과 제목이나 앨범의 단어가 같음"),
    "more.danceability": ("more danceable", "더 춤추기 좋음"),
    "less.danceability": ("less danceable", "덜 춤추기 좋음"),
    "more.energy": ("livelier", "더 신남"),
    "less.energy": ("calmer", "더 차분함"),
    "more.valence": ("brighter", "더 밝음"),
    "less.valence": ("darker", "더 어두움"),
    "more.acousticness": ("more acoustic", "더 어쿠스틱"),
    "less.acousticness": ("more electric", "더 일렉트릭"),
    "more.instrumentalness": ("more instrumental", "연주 비중이 더 큼"),
    "less.instrumentalness": ("more singing", "노래 비중이 더 큼"),
    "more.liveness": ("more of a live feel", "현장감이 더 큼"),
    "less.liveness": ("more of a studio feel", "스튜디오 느낌이 더 큼"),
    "more.speechiness": ("more spoken words", "말소리가 더 많음"),
    "less.speechiness": ("fewer spoken words", "말소리가 더 적음"),
    "more.tempo": ("faster", "더 빠름"),
    "less.tempo": ("slower", "더 느림"),
    # The list
    "tab.list": ("Playlist", "플레이리스트"),
    "tab.charts": ("Charts", "차트"),
    "tab.take": ("Take along", "가져가기"),
    "tab.watch": ("Watch", "모니터링"),
    "list.loading": ("Listening …", "들어 보는 중 …"),
    "list.empty": (
        "Pick a song or two above, and your playlist appears here.",
        "위에서 한두 곡을 고르면 여기에 플레이리스트가 나타납니다.",
    ),
    "list.label": ("Recommended songs", "추천 곡"),
    "list.score": ("Match {score} of 100 within this list", "이 목록 안에서 일치도 100점 중 {score}점"),
    "list.explicit": ("explicit", "청소년 유해"),
    "list.made_by": ("Made by {name}, version {version}.", "{name} {version} 버전이 추천했습니다."),
    "list.unknown_seeds": (
        "Not used, because the catalog does not know them: {titles}",
        "카탈로그에 없어 쓰지 못한 곡: {titles}",
    ),
    "list.duplicate_seeds": (
        "Counted once, because they are the same song: {titles}",
        "같은 곡이어서 한 번만 센 곡: {titles}",
    ),
    "list.no_features_seeds": (
        "No audio features known, so they count by artist and playlists only: {titles}",
        "오디오 특성을 알 수 없어 아티스트와 플레이리스트로만 반영한 곡: {titles}",
    ),
    "list.nothing": ("No song is left to recommend.", "추천할 곡이 남지 않았습니다."),
    "list.nothing_filters": (
        "**The limits leave no song.** Of the catalog they removed: {filters}. Widen one of them.",
        "**조건에 맞는 곡이 없습니다.** 카탈로그에서 조건별로 빠진 곡: {filters}. 조건을 넓혀 보세요.",
    ),
    "list.short": (
        "Only {n} songs fit. The limits removed: {filters}.",
        "조건에 맞는 곡이 {n}곡뿐입니다. 조건별로 빠진 곡: {filters}.",
    ),
    "list.removed": ("{name} ({n})", "{name} ({n}곡)"),
    "list.play": ("Play {title}", "{title} 재생"),
    "list.player": ("Spotify player", "Spotify 플레이어"),
    "list.more": ("More for {title}", "{title} 더 보기"),
    "list.like": ("Like {title}: keep it, and more like it", "{title} 좋아요: 남겨 두고 비슷한 곡을 더"),
    "list.liked": ("{title} is kept; take the like back", "{title} 남겨 둠, 좋아요 취소"),
    "list.dislike": ("Not {title}: less like it", "{title} 별로예요: 비슷한 곡을 덜"),
    "list.add": ("Add to my songs", "내 곡에 추가"),
    "list.never": ("Never again", "다시 추천하지 않기"),
    "list.never_artist": ("Nothing by {artist}", "{artist} 곡 추천하지 않기"),
    "list.kept": ("kept", "남겨 둠"),
    "list.aside": ("Set aside: {n}", "제외한 항목: {n}"),
    "list.aside_label": ("Songs set aside", "제외한 곡"),
    "list.back": ("Allow {title} again", "{title} 다시 허용"),
    "list.not_noted": (
        "The list follows, but the gateway could not note your judgement.",
        "목록에는 반영했지만, 평가를 게이트웨이에 저장하지 못했습니다.",
    ),
    "list.announce": ("{n} songs recommended, {first} first.", "{n}곡을 추천했습니다. 첫 곡은 {first}입니다."),
    # Filters, as the model names them
    "filter.exclude_track_ids": ("never again", "다시 추천하지 않기"),
    "filter.negative_track_ids": ("less like these", "별로예요"),
    "filter.exclude_artists": ("artists set aside", "제외한 아티스트"),
    "filter.allow_explicit": ("explicit songs", "청소년 유해 곡"),
    "filter.release_year": ("era", "시대"),
    "filter.popularity": ("popularity", "인기도"),
    "filter.duration_ms": ("length", "길이"),
    # Charts
    "charts.radar": ("The sound, compared", "소리 비교"),
    "charts.compare": ("Compare with", "비교할 곡"),
    "charts.profile": ("Your songs", "내 곡들"),
    "charts.empty": ("Charts appear with your playlist.", "플레이리스트를 만들면 차트가 나타납니다."),
    "charts.radar_alt": (
        "Radar chart of eight audio features: your songs on average, and {title}. {values}",
        "오디오 특성 여덟 가지의 레이더 차트: 내 곡들의 평균과 {title}. {values}",
    ),
    "charts.as_table": ("The same as a table", "표로 보기"),
    "charts.feature": ("Feature", "특성"),
    "charts.map": ("The neighbourhood", "비슷한 곡의 지도"),
    "charts.map_help": (
        "What sounds alike lies close together. Directions have no meaning of their own.",
        "소리가 비슷한 곡일수록 가까이 있습니다. 방향 자체에는 의미가 없습니다.",
    ),
    "charts.map_alt": (
        "Of the {n} recommended songs, {nearest} sounds most like your songs on average, and {farthest} least.",
        "추천한 {n}곡 가운데 내 곡들의 평균과 가장 비슷한 곡은 {nearest}, 가장 다른 곡은 {farthest}입니다.",
    ),
    "charts.seeds": ("Songs you picked", "내가 고른 곡"),
    "charts.recommended": ("Recommended", "추천 곡"),
    "charts.middle": ("Their middle", "내 곡들의 중심"),
    "charts.spread": ("How the list spreads", "추천 곡의 분포"),
    "charts.spread_alt": (
        "Lowest and highest value of each feature among the recommended songs: {values}",
        "추천 곡의 특성별 최솟값과 최댓값: {values}",
    ),
    "charts.lowest": ("Lowest", "최소"),
    "charts.median": ("Median", "중앙값"),
    "charts.highest": ("Highest", "최대"),
    # Take along
    "take.empty": ("There is no list to take along yet.", "아직 가져갈 목록이 없습니다."),
    "take.name": ("Quintet: like {title}", "Quintet: {title} 같은 곡"),
    "take.share": ("Share", "공유"),
    "take.share_help": (
        "This address brings back the same songs, dials and judgements.",
        "이 주소를 열면 같은 곡과 조절값, 평가가 그대로 나타납니다.",
    ),
    "take.files": ("Files", "파일"),
    "take.csv": ("CSV table", "CSV 표"),
    "take.m3u8": ("M3U playlist", "M3U 플레이리스트"),
    "take.jspf": ("JSPF playlist", "JSPF 플레이리스트"),
    "take.links": ("Links", "링크"),
    "save.heading": ("Spotify", "Spotify"),
    "save.help": (
        "Makes a private playlist of {n} songs in your account. Spotify asks you first.",
        "내 계정에 {n}곡짜리 비공개 플레이리스트를 만듭니다. 먼저 Spotify에서 동의를 구합니다.",
    ),
    "save.button": ("Save to Spotify", "Spotify에 저장"),
    "save.off": (
        "Saving to Spotify is off: whoever runs this page has not connected a Spotify app.",
        "Spotify 저장을 쓸 수 없습니다. 운영자가 Spotify 앱을 연결하지 않았습니다.",
    ),
    "save.done": (
        "**Saved.** {n} songs are in [your new playlist]({link}).",
        "**저장했습니다.** [새 플레이리스트]({link})에 {n}곡을 담았습니다.",
    ),
    "save.declined": ("Nothing was saved: you did not allow it.", "동의하지 않아 저장하지 않았습니다."),
    "save.too_late": (
        "Nothing was saved: that took too long, or was done already. Try again from “Take along”.",
        "저장하지 못했습니다. 시간이 지났거나 이미 처리된 요청입니다. ‘가져가기’에서 다시 시도하세요.",
    ),
    "save.not_allowed": (
        "Nothing was saved: Spotify did not allow it. Its app may be limited to a few listeners.",
        "저장하지 못했습니다. Spotify가 허용하지 않았습니다. 앱 사용자가 제한되어 있을 수 있습니다.",
    ),
    "save.failed": (
        "The playlist could not be saved completely. Try again in a moment.",
        "플레이리스트를 모두 저장하지 못했습니다. 잠시 뒤 다시 시도하세요.",
    ),
    # Watch
    "watch.since": (
        "Figures since the gateway's start; this tab looks again every ten seconds.",
        "게이트웨이를 시작한 뒤의 수치입니다. 이 탭은 10초마다 새로 고칩니다.",
    ),
    "watch.answers": ("Answers", "응답 수"),
    "watch.typical": ("Median time", "중앙값 시간"),
    "watch.slow": ("95 % within", "95% 이내"),
    "watch.failed": ("Failed", "실패"),
    "watch.version": ("Model version", "모델 버전"),
    "watch.away": ("Model servers off", "중단된 모델 서버"),
    "watch.requests": ("Requests", "요청"),
    "watch.route": ("Route", "경로"),
    "watch.judged": ("What listeners say", "청취자 반응"),
    "watch.shown": ("Shown", "노출"),
    "watch.likes": ("Likes", "좋아요"),
    "watch.adds": ("Adds", "추가"),
    "watch.skips": ("Skips", "건너뜀"),
    "watch.like_rate": ("Like rate", "좋아요 비율"),
    "watch.recommended": ("What is recommended", "추천 내용"),
    "watch.distinct": ("Different songs", "서로 다른 곡"),
    "watch.coverage": ("Coverage", "커버리지"),
    "watch.coverage_help": (
        "The share of the catalog that was recommended at least once.",
        "한 번이라도 추천된 곡이 카탈로그에서 차지하는 비율입니다.",
    ),
    "watch.popularity": ("Popularity", "인기도"),
    "watch.popularity_help": (
        "Mean popularity percentile of what was recommended: 50 % is the catalog's middle.",
        "추천된 곡의 평균 인기도 백분위입니다. 50%가 카탈로그의 중간입니다.",
    ),
    "watch.drift": ("Drift", "드리프트"),
    "watch.drift_help": (
        "The {n} songs that listeners picked last, against the catalog that the model learned from.",
        "청취자가 최근에 고른 {n}곡을 모델이 학습한 카탈로그와 비교합니다.",
    ),
    "watch.what": ("What", "항목"),
    "watch.distance": ("Distance", "거리"),
    "watch.state": ("State", "상태"),
    "watch.drifted": ("drifted", "달라짐"),
    "watch.steady": ("steady", "안정"),
    "watch.evaluation": ("Evaluation", "평가"),
    "watch.warm": ("Known songs", "알려진 곡 (warm)"),
    "watch.cold": ("New songs", "새로운 곡 (cold)"),
    "watch.model": ("Model", "모델"),
    "watch.r_precision": ("R-precision", "R-정밀도"),
    "watch.ndcg@500": ("NDCG@500", "NDCG@500"),
    "watch.clicks": ("Clicks", "클릭"),
    "watch.nothing": ("Nothing yet.", "아직 없습니다."),
    "watch.not_measured": ("Not measured yet.", "아직 측정하지 않았습니다."),
    # Audio features
    "feature.danceability": ("Danceability", "그루브"),
    "feature.energy": ("Energy", "에너지"),
    "feature.valence": ("Mood", "밝은 분위기"),
    "feature.acousticness": ("Acoustic", "어쿠스틱"),
    "feature.instrumentalness": ("Instrumental", "연주곡"),
    "feature.liveness": ("Live feel", "현장감"),
    "feature.speechiness": ("Spoken words", "말소리"),
    "feature.tempo": ("Tempo", "빠르기"),
    "feature.loudness": ("Loudness", "음량"),
    # What can go wrong
    "problem.retry": ("Try again", "다시 시도"),
    "problem.watching": (
        "The page looks again every few seconds and goes on by itself.",
        "몇 초마다 다시 확인하고, 해결되면 저절로 이어집니다.",
    ),
    "problem.gateway_down": (
        "**The recommender cannot be reached.** Nothing answers at its address. "
        "If you run it yourself, see whether the gateway is up; your songs are kept.",
        "**추천 서버에 연결할 수 없습니다.** 해당 주소에서 응답이 없습니다. "
        "직접 운영 중이라면 게이트웨이가 켜져 있는지 확인하세요. 고른 곡은 그대로 남아 있습니다.",
    ),
    "problem.gateway_slow": (
        "**The recommender is taking too long.** It did not answer in time; your songs are kept.",
        "**추천 서버의 응답이 너무 늦습니다.** 제시간에 답이 오지 않았습니다. 고른 곡은 그대로 남아 있습니다.",
    ),
    "problem.gateway_broken": (
        "**The recommender gave an answer that makes no sense.** Is something else running at its address?",
        "**추천 서버의 답을 이해할 수 없습니다.** 그 주소에서 다른 프로그램이 실행 중인 것은 아닌가요?",
    ),
    "problem.model_down": (
        "**The model is not ready yet.** It may be warming up, which takes some seconds; your songs are kept.",
        "**모델이 아직 준비되지 않았습니다.** 준비하는 데 몇 초쯤 걸릴 수 있습니다. 고른 곡은 그대로 남아 있습니다.",
    ),
    "problem.model_slow": (
        "**The model did not answer in time.** Try again in a moment; your songs are kept.",
        "**모델이 제시간에 답하지 않았습니다.** 잠시 뒤 다시 시도하세요. 고른 곡은 그대로 남아 있습니다.",
    ),
    "problem.busy": (
        "**Many people are asking at once.** Try again in a moment.",
        "**지금 요청이 많습니다.** 잠시 뒤 다시 시도하세요.",
    ),
    "problem.no_catalog": (
        "**There are no songs to search yet.** Run `make prepare`, then restart the gateway.",
        "**아직 검색할 곡이 없습니다.** `make prepare`를 실행한 뒤 게이트웨이를 다시 시작하세요.",
    ),
    "problem.not_allowed": (
        "**The gateway wants an API key.** Set `API_KEY` for the page to the gateway's key.",
        "**게이트웨이에 API 키가 필요합니다.** 페이지의 `API_KEY`를 게이트웨이의 키로 설정하세요.",
    ),
    "problem.refused": (
        "**The recommender did not accept this request.** It says: {message}",
        "**추천 서버가 이 요청을 받아들이지 않았습니다.** 서버의 설명: {message}",
    ),
    "problem.unexpected": (
        "**Something went wrong.** Try again; your songs are kept.",
        "**문제가 생겼습니다.** 다시 시도하세요. 고른 곡은 그대로 남아 있습니다.",
    ),
}
"""Key -> English, Korean. `{names}` are filled in by `Words`."""


class Words:
    """The texts in one language."""

    def __init__(self, language: str) -> None:
        """language: one of LANGUAGES; anything else is English."""
        self.language = language if language in LANGUAGES else "en"
        self._column = list(LANGUAGES).index(self.language)

    def __call__(self, key: str, **values: object) -> str:
        """The text, with its places filled in; raises KeyError for a key that TEXTS lacks."""
        return TEXTS[key][self._column].format(**values)


def listed(names: Sequence[str]) -> str:
    """Names in a row."""
    return ", ".join(names)


def escaped(text: str) -> str:
    """A track's own words, safe inside Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-.!|~$:" else c for c in text)

// Spotify's own TypeScript SDK against the gateway: prints what it got, as JSON, for the test to judge.
// Usage: node drop_in.mjs http://127.0.0.1:8000/v1/ track_id track_id …
import { SpotifyApi } from "@spotify/web-api-ts-sdk";

const [address, ...ids] = process.argv.slice(2);
const token = { access_token: "any token", token_type: "Bearer", expires_in: 3600, refresh_token: "" };
const api = SpotifyApi.withAccessToken("any client", token, {
  fetch: (url, options) => fetch(url.replace("https://api.spotify.com/v1/", address), options),
});
const refused = (call) => call.then(() => null, (error) => error.message);

const track = await api.tracks.get(ids[0]);
console.log(
  JSON.stringify({
    recommendations: await api.recommendations.get({ seed_tracks: ids, target_energy: 0.8, min_tempo: 90, limit: 20 }),
    genres: await api.recommendations.genreSeeds(),
    audioFeatures: await api.tracks.audioFeatures([ids[0], "0000000000000000000000"]),
    audioFeature: await api.tracks.audioFeatures(ids[0]),
    track,
    tracks: await api.tracks.get([ids[0], "0000000000000000000000"]),
    artist: await api.artists.get(track.artists[0].id),
    topTracks: await api.artists.topTracks(track.artists[0].id, "US"),
    found: await api.search(track.name, ["track"], undefined, 5),
    refused: await refused(api.recommendations.get({ seed_tracks: ids, limit: 101 })),
    unknown: await refused(api.tracks.get("0000000000000000000000")),
  }),
);

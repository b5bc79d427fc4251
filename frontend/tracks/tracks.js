// Draws tracks in one of three faces (hits, slots, ranked) and reports what the listener does with one:
// setTriggerValue("act", {name, id}). All text comes in through `data`; nothing here is HTML from outside.

const ICONS = {
  add: "M12 5v14M5 12h14",
  remove: "M6 6l12 12M18 6L6 18",
  picked: "M5 12.5l4.5 4.5L19 7.5",
  like: "M12 20s-7.5-4.7-7.5-10.2A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 7.5 2.8C19.5 15.3 12 20 12 20z",
  dislike: "M7 4h9.2a2 2 0 0 1 2 1.6l1.1 6a2 2 0 0 1-2 2.4H13l.7 4.2a1.6 1.6 0 0 1-3 1L7 14V4zM7 4H4v10h3",
  play: "M8 5.5v13l10.5-6.5z",
  stop: "M7 7h10v10H7z",
  never: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM6.4 6.4l11.2 11.2",
  never_artist: "M12 12a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2zM5 20c.6-3.6 3.4-5.6 7-5.6s6.4 2 7 5.6M4 4l16 16",
  undo: "M9 14L4.5 9.5 9 5M4.5 9.5H14a5 5 0 0 1 0 10h-3",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
};

// Pairs of a ground and a mark that sit well on paper and on ink.
const DUOTONES = [
  ["#1F4E5F", "#F2C57C"], ["#7A2E1D", "#F6D8AE"], ["#2D3A67", "#E8A598"], ["#3F5B3C", "#EBDCA9"],
  ["#5C3A58", "#F3B391"], ["#8A5A14", "#FBE6BE"], ["#214E7A", "#BFE0E2"], ["#4A4238", "#E5B46A"],
];

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function svg(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function icon(name) {
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" }, svg("path", { d: ICONS[name] }));
}

function hash(text) {
  let h = 2166136261;
  for (const c of text) h = Math.imul(h ^ c.codePointAt(0), 16777619);
  h = Math.imul(h ^ (h >>> 15), 2246822507);
  return (h ^ (h >>> 13)) >>> 0;
}

// Five bars whose heights and colours are the track's own: the same track always looks the same.
function drawnCover(item) {
  const h = hash(item.title + "|" + item.artist);
  const [ground, mark] = DUOTONES[h % DUOTONES.length];
  const bars = [0, 1, 2, 3, 4].map((i) => {
    const height = 18 + ((h >>> (4 + i * 5)) % 32) * 1.9;
    return svg("rect", { x: 14 + i * 15, y: 50 - height / 2, width: 9, height, rx: 4.5, fill: mark });
  });
  return svg("svg", { viewBox: "0 0 100 100", "aria-hidden": "true" },
    svg("rect", { width: 100, height: 100, fill: ground }), ...bars);
}

let coversOff = false; // after one failure the network is taken to be away

function cover(item, data) {
  const box = element("span", { class: "cover" }, drawnCover(item));
  const show = (url) => {
    const image = element("img", { alt: "", src: url });
    image.onload = () => box.replaceChildren(image);
  };
  if (item.image) show(item.image);
  else if (item.embed && data.covers && !coversOff) {
    fetch(`https://open.spotify.com/oembed?url=spotify:track:${item.id}`)
      .then((answer) => answer.json()).then((found) => found.thumbnail_url && show(found.thumbnail_url))
      .catch(() => { coversOff = true; });
  }
  return box;
}

function button(action, onAct) {
  const made = element("button", {
    type: "button", class: `act ${action.name}`, "data-name": action.name, "aria-label": action.label,
    title: action.hint || action.label, "aria-pressed": action.pressed === undefined ? null : String(action.pressed),
    disabled: action.disabled,
  }, icon(action.icon || action.name));
  if (action.text) made.append(element("span", {}, action.text));
  made.onclick = () => onAct(action.name, made);
  return made;
}

function player(item, data) {
  return element("iframe", {
    class: "player", src: `https://open.spotify.com/embed/track/${item.id}`, title: `${data.labels.player}: ${item.title}`,
    allow: "encrypted-media; autoplay; clipboard-write", loading: "lazy",
  });
}

function playButton(item, data, row) {
  const made = button({ name: "play", label: data.labels.play.replace("{title}", () => item.title), pressed: false }, () => {
    const open = row.querySelector("iframe");
    if (open) open.remove(); else row.append(player(item, data));
    made.setAttribute("aria-pressed", String(!open));
    made.replaceChildren(icon(open ? "play" : "stop"));
  });
  return made;
}

function menu(item, data, onAct) {
  const list = element("div", { class: "menu-list" }, ...item.menu.map((action) => button({ ...action, text: action.label }, onAct)));
  const made = element("details", { class: "menu" },
    element("summary", { class: "act", "aria-label": data.labels.more.replace("{title}", () => item.title) }, icon("more")), list);
  made.onkeydown = (event) => {
    if (event.key === "Escape" && made.open) { made.open = false; made.querySelector("summary").focus(); }
  };
  made.addEventListener("focusout", (event) => { if (!made.contains(event.relatedTarget)) made.open = false; });
  return made;
}

function words(item) {
  const title = item.link
    ? element("a", { href: item.link, target: "_blank", rel: "noopener noreferrer", class: "title" }, item.title)
    : element("span", { class: "title" }, item.title);
  return element("div", { class: "words" }, title,
    element("span", { class: "line" }, item.line),
    item.note ? element("span", { class: "note" }, item.note) : null);
}

function meter(item) {
  if (item.score === undefined || item.score === null) return null;
  const bar = element("span", { class: "bar" });
  bar.style.width = `${item.score}%`;
  return element("span", { class: "meter", role: "img", "aria-label": item.score_label, title: item.score_label }, bar);
}

function row(item, data, report) {
  const made = element("li", { class: `row${item.kept ? " kept" : ""}`, "data-id": item.id });
  const onAct = (name, from) => report(name, item.id, made, from);
  const acts = element("div", { class: "acts" });
  if (item.embed && data.face === "ranked") acts.append(playButton(item, data, made));
  for (const action of item.actions || []) acts.append(button(action, onAct));
  if (item.menu && item.menu.length) acts.append(menu(item, data, onAct));
  made.append(...[
    item.rank ? element("span", { class: "rank" }, String(item.rank)) : null,
    cover(item, data), words(item), meter(item), acts,
  ].filter(Boolean));
  return made;
}

function slot(number, data) {
  return element("li", { class: "row slot", "aria-label": `${data.labels.slot} ${number}` },
    element("span", { class: "cover empty", "aria-hidden": "true" }, String(number)),
    element("span", { class: "words" }, element("span", { class: "line" }, data.labels.slot)));
}

// A row that has not changed stays in the page, and with it an open player and the focus.
function lay(list, rows) {
  rows.forEach((made, i) => { if (list.children[i] !== made) list.insertBefore(made, list.children[i] || null); });
  while (list.children.length > rows.length) list.lastChild.remove();
}

const drawn = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector("ol");
  const state = drawn.get(list) || { rows: new Map(), last: null };
  list.className = data.face + (data.compact ? " compact" : "");
  list.setAttribute("aria-label", data.label);

  const report = (name, id, made, from) => {
    state.last = { name, index: [...list.children].indexOf(made) };
    for (const other of made.querySelectorAll("button")) other.setAttribute("aria-busy", "true");
    setTriggerValue("act", { name, id, n: Date.now() });
  };

  const rows = new Map();
  for (const item of data.items) {
    const signature = JSON.stringify([data.face, item]);
    const old = state.rows.get(item.id);
    if (old && old.signature === signature) {
      for (const other of old.made.querySelectorAll("[aria-busy]")) other.removeAttribute("aria-busy");
      rows.set(item.id, old);
    } else rows.set(item.id, { signature, made: row(item, data, report) });
  }
  const slots = Array.from({ length: data.slots || 0 }, (_, i) => slot(data.items.length + i + 1, data));
  const hadFocus = state.last !== null;
  lay(list, [...[...rows.values()].map((one) => one.made), ...slots]);
  state.rows = rows;
  if (hadFocus && !(parentElement.activeElement && list.contains(parentElement.activeElement))) {
    const near = list.children[Math.min(state.last.index, data.items.length - 1)];
    const target = near && (near.querySelector(`[data-name="${state.last.name}"]`) || near.querySelector("button"));
    if (target && document.activeElement === document.body) target.focus({ preventScroll: true });
    state.last = null;
  }
  drawn.set(list, state);
  const said = parentElement.querySelector("[role=status]");
  const news = data.labels.announce || "";
  if (said.textContent !== news) said.textContent = news;
  // Once the last row was taken, and the list with it, the focus would fall to the top of the page.
  return () => setTimeout(() => {
    if (state.last && data.focus_after && !list.isConnected) document.querySelector(data.focus_after)?.focus();
  });
}

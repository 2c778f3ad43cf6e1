// The overlay for broadcasts: one room in large letters on nothing. /overlay?source=NAME chooses which.

import { UNCERTAIN, percent } from "./labels.js";
import { Rooms } from "./rooms.js";

const find = (id) => document.getElementById(id);
const wanted = new URLSearchParams(location.search).get("source");
const rooms = new Rooms(() => {}, (state) => (document.body.dataset.connection = state));

function shown(room) {
  if (!room || room.isStale) return { text: "", share: 0 };
  if (room.status && !["listening", "silent"].includes(room.status.state)) return { text: room.status.state, share: 0 };
  const frame = room.now;
  if (!frame || frame.state === "no-speech") return { text: "", share: 0 };
  if (frame.state === "uncertain") return { text: "…", share: frame.confidence ?? 0, colour: UNCERTAIN };
  return { text: `${frame.label} ${percent(frame.confidence)}`, share: frame.confidence, colour: room.colours[frame.label] };
}

setInterval(() => {
  const running = [...rooms.all.values()].filter((room) => !room.isStale && room.status?.state !== "stopped");
  const source = wanted ?? running.map((room) => room.source).sort()[0];
  const view = shown(rooms.all.get(source));
  find("name").textContent = rooms.all.size > 1 && view.text ? source : "";
  find("state").textContent = view.text;
  document.body.dataset.shown = String(Boolean(view.text));
  document.body.style.setProperty("--share", String(view.share));
  document.body.style.setProperty("--colour", view.colour ?? UNCERTAIN);
}, 200);

// The live page: a card a room.

import { Announcer } from "./announcer.js";
import { Card } from "./card.js";
import { percent } from "./labels.js";
import { askToMute } from "./mute.js";
import { Rooms } from "./rooms.js";

const TURN_MS = 250;
const STRIP_MS = 1000;

const find = (id) => document.getElementById(id);
const cards = new Map();
const states = new Map();
const announcer = new Announcer(find("announcer"));
let drawn = 0;

const rooms = new Rooms(
  (kind, room, data, isOld) => {
    if (!isOld && kind === "segment" && data.phase === "start") {
      announcer.say(room.source, `${room.source}: ${data.label}, ${percent(data.confidence)}`);
    }
  },
  (state) => {
    find("connection").dataset.state = state;
    find("connection").textContent = state === "connected" ? "live" : "connection lost, trying again";
    if (state === "lost") announcer.say("connection", "connection lost");
  },
);

function addCards() {
  for (const source of [...rooms.all.keys()].filter((source) => !cards.has(source)).sort()) {
    const card = new Card(rooms.all.get(source), rooms.hello.history_s, find("room"), askToMute);
    const later = [...cards.keys()].filter((other) => other > source).sort()[0];
    find("rooms").insertBefore(card.root, cards.get(later)?.root ?? null);
    cards.set(source, card);
    card.begin();
  }
  find("empty").hidden = cards.size > 0;
}

/** The daemon's own state is announced when it changes; emotions are, by their segments. */
function announce(card) {
  const state = card.room.isStale ? "no news" : card.room.status?.state;
  const before = states.get(card.room.source);
  states.set(card.room.source, state);
  if (state && before && state !== before) announcer.say(card.room.source, `${card.room.source}: ${state}`);
}

function turn() {
  addCards();
  const isStripDue = Date.now() - drawn >= STRIP_MS;
  if (isStripDue) drawn = Date.now();
  for (const card of cards.values()) {
    if (card.room.isNew || isStripDue) card.update(rooms.hello);
    card.room.isNew = false;
    if (isStripDue) card.draw();
    announce(card);
  }
  const { health } = rooms;
  if (health) {
    const counts = [`${health.readers} reading`, `${health.dropped + health.lost} events lost`, `${health.readers_dropped} slow readers dropped`];
    find("bridge").textContent = `Bridge ${rooms.hello.version}: ${counts.join(", ")}`;
  }
}

setInterval(turn, TURN_MS);

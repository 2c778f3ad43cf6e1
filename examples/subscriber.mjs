// Prints each emotion as it begins and ends: npm install && node subscriber.mjs [ENDPOINT]

import { Subscriber } from "zeromq";

const endpoint = process.argv[2] ?? "tcp://127.0.0.1:5556";
const socket = new Subscriber({ heartbeatInterval: 5000, heartbeatTimeout: 15000 });
socket.connect(endpoint);
socket.subscribe("serd.v1."); // every source, every kind; "serd.v1.kitchen.segment." for one

process.once("SIGINT", () => socket.close());
process.once("SIGTERM", () => socket.close());

const last = new Map(); // topic -> session and sequence of its last event
for await (const [topic, payload] of socket) {
  const event = JSON.parse(payload.toString());
  const { session, sequence, ...data } = event.data;

  // Where another subscriber comes late, the last segment and status come again, with the numbers they had.
  const before = last.get(topic.toString());
  if (before?.session === session && sequence <= before.sequence) continue;
  const lost = before?.session === session ? sequence - before.sequence - 1 : 0;
  if (lost > 0) console.error(`${lost} events were lost`);
  last.set(topic.toString(), { session, sequence });

  if (event.type !== "serd.v1.segment") continue;
  if (data.phase === "start") {
    console.log(`${event.time} ${data.label} (${Math.round(data.confidence * 100)}%)`);
  } else {
    console.log(`${event.time} ${data.label} ended after ${data.duration_s.toFixed(2)} s`);
  }
}

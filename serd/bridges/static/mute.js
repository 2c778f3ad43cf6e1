// Mute: asks the bridge, with a token that stays in this tab.

const KEY = "serd-token";

/** Ask for `word` in a room; `complain(text)` shows what went wrong, or nothing. */
export async function askToMute(room, word, complain) {
  const token = sessionStorage.getItem(KEY) ?? (await tokenFrom(document.getElementById("token")));
  if (!token) return;
  try {
    const answer = await fetch("mute", {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ source: room.source, request: word }),
    });
    const said = await answer.json();
    if (answer.status === 401) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, token);
    complain(said.error ?? said.note ?? (answer.status === 200 ? "" : `${word}: asked for; it is ${said.state}`));
  } catch {
    complain(`${word}: the bridge does not answer`);
  }
}

/** What a person types, or nothing. */
function tokenFrom(dialog) {
  const [form, input] = [dialog.querySelector("form"), dialog.querySelector("#token-input")];
  input.value = "";
  dialog.showModal();
  return new Promise((resolve) => {
    form.onsubmit = (event) => {
      event.preventDefault();
      resolve(input.value);
      dialog.close();
    };
    dialog.querySelector("#token-cancel").onclick = () => dialog.close();
    dialog.onclose = () => resolve("");
  });
}

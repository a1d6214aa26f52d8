// Log in, where a service has accounts.

import { send } from "../api.js";
import { $ } from "../dom.js";

$("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const wrong = $("#wrong");
  wrong.hidden = true;
  try {
    await send("POST", "/login", { name: form.get("name"), password: form.get("password") });
    const to = new URLSearchParams(location.search).get("to") ?? "/";
    // Only to an address of this service.
    location.assign(/^\/(?![/\\])/.test(to) ? to : "/");
  } catch (error) {
    wrong.textContent = error.message;
    wrong.hidden = false;
    event.target.elements.password.select();
  }
});
$("#login button").disabled = false;

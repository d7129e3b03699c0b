import { render } from "preact";

import { App } from "./app.tsx";
import { keepFocus } from "./lib/focus.ts";
import { followKeys } from "./lib/keys.ts";
import { begin } from "./lib/session.ts";

begin();
followKeys();
const root = document.getElementById("app");
if (root) {
  root.replaceChildren();
  render(<App />, root);
  keepFocus(root);
}

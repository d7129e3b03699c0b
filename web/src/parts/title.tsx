// The title of the tab, which is seen while the page is not.

import { useEffect } from "preact/hooks";

import { headline, role } from "../lib/session.ts";
import { titleOf } from "../lib/title.ts";
import { useShared } from "./hooks.ts";

export function TabTitle({ page }: { page: string }) {
  const said = useShared(headline);
  useEffect(() => {
    document.title = titleOf(page, role, said);
  }, [page, said]);
  return null;
}

/** What is wrong in a few words, for the title, as long as the page is shown that knows it. */
export function Headline({ text }: { text: string }) {
  useEffect(() => {
    headline.set(text);
    return () => headline.set("");
  }, [text]);
  return null;
}

// Where the keyboard is: it stays while a page is drawn anew, and is back where it was after a way back.

interface Left {
  /** The address of the link that had the focus. */
  link: string;
  /** Which of those with this address. */
  place: number;
}

const patience = 3000; // milliseconds that a page has to show the link again

function sameLinks(link: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("main a[href]")].filter((each) => each.getAttribute("href") === link);
}

/** What the history keeps of a page that is left. */
export function leaving(): Left | null {
  const at = document.activeElement;
  const link = at instanceof HTMLElement && at.closest("main") ? at.getAttribute("href") : null;
  return link === null ? null : { link, place: sameLinks(link).indexOf(at as HTMLElement) };
}

function isLeft(state: unknown): state is Left {
  return typeof state === "object" && state !== null && typeof (state as Partial<Left>).link === "string" && typeof (state as Partial<Left>).place === "number";
}

/** Nobody has put it elsewhere. */
function isFree(): boolean {
  return document.activeElement === null || document.activeElement === document.body || document.activeElement.id === "main";
}

/** Gives the focus back to what had it, once that is there. */
export function comeBack(state: unknown): void {
  if (!isLeft(state)) {
    return;
  }
  const until = performance.now() + patience;
  const look = () => {
    const found = sameLinks(state.link);
    const link = found[state.place] ?? found[0];
    if (link && isFree()) {
      link.focus();
    } else if (!link && performance.now() < until) {
      requestAnimationFrame(look);
    }
  };
  // Not before the page is another one.
  requestAnimationFrame(() => requestAnimationFrame(look));
}

/** Rows that change their places are taken out and put in again, which takes the focus from what is in them. */
export function keepFocus(inside: Element): void {
  let held: Element | null = null;
  inside.addEventListener("focusin", (event) => (held = event.target as Element));
  // Who has left it by a click or by Escape is not brought back.
  inside.addEventListener("focusout", () =>
    setTimeout(() => {
      held = inside.contains(document.activeElement) ? held : null;
    }),
  );
  new MutationObserver((all) => {
    if (held === null || document.activeElement !== document.body) {
      return;
    }
    const moved = held;
    if (moved.isConnected && all.some(({ removedNodes }) => [...removedNodes].some((each) => each.contains(moved)))) {
      (moved as HTMLElement).focus({ preventScroll: true });
    }
  }).observe(inside, { childList: true, subtree: true });
}

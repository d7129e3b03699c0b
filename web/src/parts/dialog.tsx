// Questions to the reader: the browser's own dialog, with its keys and its focus.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { problemText } from "../lib/api.ts";

export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const at = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = at.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog ref={at} aria-labelledby="dialog-title" onClose={onClose} onCancel={onClose}>
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}

/** A form that sends something, waits for it, and says what went wrong. */
export function Ask({ title, action, send, onClose, children }: {
  title: string;
  action: string;
  send: (values: Record<string, string>) => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const values: Record<string, string> = {};
    new FormData(form).forEach((value, name) => {
      values[name] = String(value);
    });
    setBusy(true);
    try {
      await send(values);
      onClose();
    } catch (failed) {
      setProblem(problemText(failed));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void submit(event as unknown as SubmitEvent)}>
        {children}
        {problem ? (
          <p class="notice bad" role="alert">
            {problem}
          </p>
        ) : null}
        <div class="actions">
          <button type="submit" class="primary" disabled={busy}>
            {action}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

import type { IncomingMessage, Server, ServerResponse } from "node:http";

export const policy: string;
export function fillDocument(document: string, texts: Record<string, string>): string;
export function serve(options: {
  role: "server" | "agent";
  port?: number;
  dist?: string;
  answer: (req: IncomingMessage, res: ServerResponse) => void;
}): Promise<Server>;

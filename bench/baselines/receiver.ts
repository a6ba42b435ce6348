import { createServer } from "node:http";
import { createVerifier } from "./signed.ts";

/** What all receivers parse a body for. */
export interface Order {
  id: string;
}

/**
 * A bare node:http server: reads the body, verifies it, parses it, hands it on, answers 200.
 * @param keep what the baseline does with an order before it is answered
 */
export function serveReceiver(
  port: number,
  secret: string,
  keep: (order: Order, body: Buffer) => void,
): void {
  const isSigned = createVerifier(secret);
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const body = Buffer.concat(chunks);
      const signature = req.headers["x-shopline-hmac-sha256"];
      const ok = typeof signature === "string" && isSigned(body, signature);
      if (ok) keep(JSON.parse(body.toString()) as Order, body);
      const text = JSON.stringify({ status: ok ? "accepted" : "refused" });
      res.writeHead(ok ? 200 : 401, {
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(text),
      });
      res.end(text);
    });
  });
  server.listen(port, "127.0.0.1");
}

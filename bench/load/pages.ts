import { monotonicMs } from "../clock.ts";
import { openConnection } from "./connection.ts";

const PATH = "/api/v1/deliveries?limit=50";

/** Asks for the operators' first page again and again on one connection. @returns pages per second */
export function pagesPerSecond(url: string, token: string, seconds: number): Promise<number> {
  const { host, hostname, port } = new URL(url);
  const request = Buffer.from(
    [`GET ${PATH} HTTP/1.1`, `Host: ${host}`, `Authorization: Bearer ${token}`, "\r\n"].join("\r\n"),
  );
  const startedAt = monotonicMs();
  let pages = 0;
  return new Promise((resolve, reject) => {
    const connection = openConnection(hostname, Number(port), {
      onReady: () => connection.send(request),
      onAnswer(status) {
        const tookMs = monotonicMs() - startedAt;
        if (status !== 200) reject(new Error(`the list page answered ${status}`));
        else pages++;
        if (status === 200 && tookMs < seconds * 1000) return;
        connection.close();
        resolve(pages / (tookMs / 1000));
      },
      onBroken: () => undefined,
      onFailed: reject,
    });
  });
}

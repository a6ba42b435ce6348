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

/** Asks for one address again and again on one connection. @returns how long each answer took, in ms */
export function answersMs(url: string, token: string, path: string, times: number): Promise<number[]> {
  const { host, hostname, port } = new URL(url);
  const request = Buffer.from(
    [`GET ${path} HTTP/1.1`, `Host: ${host}`, `Authorization: Bearer ${token}`, "\r\n"].join("\r\n"),
  );
  const took: number[] = [];
  return new Promise((resolve, reject) => {
    let askedAt = 0;
    const connection = openConnection(hostname, Number(port), {
      onReady() {
        askedAt = monotonicMs();
        connection.send(request);
      },
      onAnswer(status) {
        took.push(monotonicMs() - askedAt);
        if (status !== 200) reject(new Error(`${path} answered ${status}`));
        if (status === 200 && took.length < times) return;
        connection.close();
        resolve(took);
      },
      onBroken: () => undefined,
      onFailed: reject,
    });
  });
}

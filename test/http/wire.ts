import { connect } from "node:net";

/** A bare TCP connection: for what no HTTP client would send. */
export interface Wire {
  write(data: string | Buffer): void;
  /** Resolves with everything that came so far once the pattern is in it; rejects when the connection ends first. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves with everything that came once the connection has ended properly; rejects on a reset. */
  ended: Promise<string>;
  /** Reads nothing from now on. */
  pause(): void;
  hangUp(): void;
}

export function openWire(url: string): Promise<Wire> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  let text = "";
  let looks: (() => void)[] = [];
  const look = (): void => looks.forEach((one) => one());
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    look();
  });
  let failure: Error | null = null;
  const ended = new Promise<string>((resolve, reject) => {
    socket.once("error", (error) => {
      failure = error;
      reject(error);
    });
    socket.once("close", () => {
      failure ??= new Error(`the connection ended after: ${text}`);
      look();
      resolve(text);
    });
  });
  ended.catch(() => undefined);
  const wire: Wire = {
    write: (data) => void socket.write(data),
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const one = (): void => {
          if (!pattern.test(text) && failure === null) return;
          looks = looks.filter((other) => other !== one);
          if (pattern.test(text)) resolve(text);
          else reject(failure ?? new Error("never"));
        };
        looks.push(one);
        one();
      }),
    ended,
    pause: () => void socket.pause(),
    hangUp: () => void socket.destroy(),
  };
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(wire));
    socket.once("error", reject);
  });
}

/** The problem in an answer that ends with one. */
export function problemIn(answer: string): { type: string; status: number; detail: string } {
  return JSON.parse(answer.slice(answer.lastIndexOf("\r\n\r\n") + 4)) as ReturnType<typeof problemIn>;
}

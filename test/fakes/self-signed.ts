import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

/**
 * For localhost and no other name, signed by itself, good until 2126: openssl req -x509 -newkey ec
 * -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj "/CN=relay test"
 * -addext "subjectAltName=DNS:localhost"
 */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBkzCCATqgAwIBAgIUAKu4usS9XH8fkjw7/TjJ+iCHUaAwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKcmVsYXkgdGVzdDAgFw0yNjExMjgxOTIwMDdaGA8yMTI2MTEw
NDE5MjAwN1owFTETMBEGA1UEAwwKcmVsYXkgdGVzdDBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABP8IPSrUQuqU64pdwu6ikk95JUOYvimn83VPsKY8CsQHDrDvucI+
hpjSTwpm7TTEB/zq/9jT0ih/qUU5jE4VSeajZjBkMB0GA1UdDgQWBBRy1pSYX7/s
QihOTirdtzYGi4eGkzAfBgNVHSMEGDAWgBRy1pSYX7/sQihOTirdtzYGi4eGkzAU
BgNVHREEDTALgglsb2NhbGhvc3QwDAYDVR0TAQH/BAIwADAKBggqhkjOPQQDAgNH
ADBEAiA0tGzPDgcQNUPOcqhaVliv9m+wJJf14o0Yi6nwWETTYQIgUbIU1zolPQUE
IkP2NMoEjyWZdCqWhnAVkh7XABrD/xg=
-----END CERTIFICATE-----
`;
/** Of nothing but these tests. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCJK72icfL77df8Np
fVH/IsqluVqCJIf0WrIdezvHLRGhRANCAAT/CD0q1ELqlOuKXcLuopJPeSVDmL4p
p/N1T7CmPArEBw6w77nCPoaY0k8KZu00xAf86v/Y09Iof6lFOYxOFUnm
-----END PRIVATE KEY-----
`;

/** A server whose certificate nobody vouches for, and what it was asked. */
export interface SelfSigned {
  url: string;
  port: number;
  asked: string[];
  /** TCP connections, with or without a handshake. */
  connections: () => number;
  close(): Promise<void>;
}

/** Answers 200 `{}`. */
export async function startSelfSigned(): Promise<SelfSigned> {
  const asked: string[] = [];
  let connections = 0;
  const server: Server = createServer({ cert: CERTIFICATE, key: KEY }, (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    response.setHeader("connection", "close").end("{}");
  });
  server.on("connection", () => connections++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://localhost:${port}`,
    port,
    asked,
    connections: () => connections,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

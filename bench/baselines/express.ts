import express from "express";
import type { Job, Order } from "./order.ts";
import { createVerifier } from "./signed.ts";

const BODY_BYTES_MAX = 1024 * 1024;

/**
 * Express 5 that takes signed webhooks, hands them on, and answers 200.
 * @param keep resolves when the order is kept for good
 */
export function serveExpress(
  port: number,
  secret: string,
  keep: (job: Job, order: Order) => Promise<unknown>,
): void {
  const isSigned = createVerifier(secret);
  const app = express();
  app.disable("x-powered-by");
  app.post(
    "/webhooks/shopline/:store",
    express.raw({ type: () => true, limit: BODY_BYTES_MAX }),
    async (req, res) => {
      const bytes = req.body as Buffer;
      if (!isSigned(bytes, req.get("X-Shopline-Hmac-Sha256"))) {
        res.status(401).json({ status: "refused" });
        return;
      }
      const body = bytes.toString();
      await keep({ store: req.params.store, body }, JSON.parse(body) as Order);
      res.json({ status: "accepted" });
    },
  );
  app.listen(port, "127.0.0.1");
}

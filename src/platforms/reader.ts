import type { Cancellation } from "../core/cancellation.ts";
import type { StoreSettings } from "../core/settings.ts";
import { openBody, type BodyShape, type OpenedBody } from "./body.ts";
import type { Platform, Reading } from "./platform.ts";

export type OpenedOrder = Extract<OpenedBody, { kind: "order" }>;
export type Doubt = Extract<Reading, { kind: "ignored" | "quarantined" }>;

/** What one platform knows of its own orders. */
export interface OrderReader {
  shape: BodyShape;
  /** Why the body is no evidence of a cancellation; null: it is. */
  doubt: (opened: OpenedOrder) => Doubt | null;
  /** @param problems gets the names of fields that were there and could not be understood */
  tell: (opened: OpenedOrder, store: StoreSettings, problems: Set<string>) => Omit<Cancellation, "problems">;
}

/** Reads bodies of that platform: as evidence of a cancellation, and as the order that it holds whatever its state. */
export function createReader({ shape, doubt, tell }: OrderReader): Pick<Platform, "read" | "readOrder"> {
  function told(opened: OpenedOrder, store: StoreSettings): Cancellation {
    const problems = new Set<string>();
    const cancellation = tell(opened, store, problems);
    return { ...cancellation, problems: [...problems] };
  }
  return {
    read(body, store) {
      const opened = openBody(body, shape);
      if (opened.kind === "quarantined") return opened;
      return doubt(opened) ?? { kind: "cancellation", cancellation: told(opened, store) };
    },
    readOrder(body, store) {
      const opened = openBody(body, shape);
      if (opened.kind === "quarantined") return null;
      return { cancellation: told(opened, store), cancelled: doubt(opened) === null };
    },
  };
}

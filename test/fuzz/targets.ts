import { applyFileTarget } from "./apply-file.ts";
import { callbackTarget } from "./callback.ts";
import { jsonTarget } from "./json.ts";
import { pictureTarget, slipTarget } from "./slip.ts";
import type { FuzzTarget } from "./target.ts";
import { webhookTargets } from "./webhooks.ts";

/** Everything that reads what strangers wrote, or sets it on paper. */
export const TARGETS: readonly FuzzTarget[] = [
  ...webhookTargets,
  callbackTarget,
  jsonTarget,
  slipTarget,
  pictureTarget,
  applyFileTarget,
];

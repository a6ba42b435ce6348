import type { Figure } from "../figure.ts";
import { acks } from "./acks.ts";
import { bullmq } from "./bullmq.ts";
import { bytes } from "./bytes.ts";
import { drain } from "./drain.ts";
import { filled } from "./filled.ts";
import { latency } from "./latency.ts";
import { postgres } from "./postgres.ts";
import { postgresFilled } from "./postgres-filled.ts";
import { prune } from "./prune.ts";
import { repeats } from "./repeats.ts";
import { search } from "./search.ts";
import { slowCloud } from "./slow-cloud.ts";
import { slowDisk } from "./slow-disk.ts";
import { start } from "./start.ts";

/** In the order of the table. */
export const FIGURES: readonly Figure[] = [
  acks,
  slowDisk,
  repeats,
  bullmq,
  latency,
  drain,
  slowCloud,
  filled,
  search,
  prune,
  postgres,
  postgresFilled,
  bytes,
  start,
];

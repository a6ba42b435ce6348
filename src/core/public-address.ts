/** `this_machine`: the address leads nowhere but here, so no store can reach it. `stranger`: not as a relay answers. */
export const PUBLIC_ADDRESS_RESULTS = ["answers", "this_machine", "stranger", "silent"] as const;

/** Who answers at RELAY_PUBLIC_URL, asked from this machine: a good sign, and no proof that a store gets there. */
export interface PublicAddress {
  result: (typeof PUBLIC_ADDRESS_RESULTS)[number];
  /** What was found and, unless it is well, what to do. */
  detail: string;
}

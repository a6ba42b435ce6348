/** The door to everything Goodcom: what the composition root and the command line build with. */
export type * from "./api.ts";
export { readCallback, type CallbackRequest } from "./callback.ts";
export { CLIENT_LIMITS, createGoodcomClient, type ClientLimits } from "./client.ts";
export { FAULTS, type FaultInput, type FaultName } from "./simulator/faults.ts";
export { CALLBACK_FORMS, type CallbackForm } from "./simulator/call-back.ts";
export {
  createGoodcomSimulator,
  type GoodcomSimulator,
  type SimulatorOptions,
} from "./simulator/simulator.ts";
export type { Slip } from "./simulator/slip.ts";

import type { Request } from "express";
import type { Asked } from "../../act.ts";
import type { Caller } from "../../gatekeeper.ts";
import type { Frame } from "../visit.ts";

/** What a form led to: another page, or the form again with what is wrong. */
export type Next = { to: string } | { status: number; frame: Frame };

/** A form that somebody sent. */
export interface Posted extends Asked {
  form: Map<string, string>;
}

/** How the pages of stores and printers are mounted. */
export interface Mount {
  /** For everybody signed in. */
  page: (path: string, build: (req: Request, caller: Caller) => Promise<Frame> | Frame) => void;
  /** A form's page: only for those who may act. */
  form: (path: string, build: (req: Request) => Promise<Frame> | Frame) => void;
  act: (path: string, act: (req: Request, posted: Posted) => Promise<Next>) => void;
}

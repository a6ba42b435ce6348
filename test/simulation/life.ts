/**
 * One life of the relay's process. Everything that leaves it or comes back to it crosses a border here; after its
 * death nothing does, so whatever its code would still do has no effect. While it is paused nothing does either, and
 * all of it happens when it goes on, in its order: as for a process that was stopped and continued.
 */
export interface Life {
  readonly number: number;
  alive(): boolean;
  die(): void;
  /** It dies by itself at the n-th border from now. */
  doom(borders: number): void;
  paused(): boolean;
  pause(): void;
  /** It pauses by itself at the n-th border from now, or from when it will have claimed something. */
  doze(borders: number, from: "now" | "claim"): void;
  /** It has, and does not know it yet. */
  hasClaimed(): void;
  goOn(): void;
  /** Has something happen in it: now, or when it goes on; never, when it is dead by then. */
  whenAwake(task: () => void): void;
  /** One more border, in the middle of a call. */
  border(): void;
  /** Makes one call to the outside. Never resolves when the process died before the call or before its answer. */
  cross<T>(call: () => Promise<T>): Promise<T>;
}

export interface LifeEvents {
  onDeath: () => void;
  onPause: () => void;
  /** Nothing of what waited has happened yet. */
  onGoOn: () => void;
}

export function createLife(number: number, { onDeath, onPause, onGoOn }: LifeEvents): Life {
  let alive = true;
  let doom = Infinity;
  let doze = Infinity;
  let dozeOnceClaimed = Infinity;
  /** What waits for it to go on; null: it is awake. */
  let waiting: (() => void)[] | null = null;

  function die(): void {
    if (!alive) return;
    alive = false;
    onDeath();
  }

  function setDoze(borders: number, onceClaimed: number): void {
    doze = borders;
    dozeOnceClaimed = onceClaimed;
  }

  function pause(): void {
    setDoze(Infinity, Infinity);
    if (!alive || waiting !== null) return;
    waiting = [];
    onPause();
  }

  function goOn(): void {
    setDoze(Infinity, Infinity);
    if (!alive || waiting === null) return;
    const tasks = waiting;
    waiting = null;
    onGoOn();
    for (const task of tasks) whenAwake(task);
  }

  function whenAwake(task: () => void): void {
    if (!alive) return;
    if (waiting === null) task();
    else waiting.push(() => whenAwake(task));
  }

  /** @returns whether the process is alive on the other side of the border */
  function passes(): boolean {
    doom--;
    doze--;
    if (doom <= 0) die();
    if (doze <= 0) pause();
    return alive;
  }

  /** Likewise, once it is awake there. */
  async function passesAwake(): Promise<boolean> {
    if (passes() && waiting !== null) await new Promise<void>((resolve) => whenAwake(resolve));
    return alive;
  }

  return {
    number,
    alive: () => alive,
    die,
    doom(borders) {
      doom = borders;
    },
    paused: () => waiting !== null,
    pause,
    doze(borders, from) {
      if (from === "now") setDoze(borders, Infinity);
      else setDoze(Infinity, borders);
    },
    hasClaimed: () => setDoze(Math.min(doze, dozeOnceClaimed), Infinity),
    goOn,
    whenAwake,
    border: () => void passes(),
    async cross(call) {
      if (!(await passesAwake())) return never();
      const [settled] = await Promise.allSettled([call()]);
      if (!(await passesAwake())) return never();
      if (settled.status === "rejected") throw settled.reason;
      return settled.value;
    },
  };
}

export function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}

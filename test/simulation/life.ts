/**
 * One life of the relay's process. Everything that leaves it or comes back to it crosses a border here; after its
 * death nothing does, so whatever its code would still do has no effect.
 */
export interface Life {
  readonly number: number;
  alive(): boolean;
  die(): void;
  /** It dies by itself at the n-th border from now. */
  doom(borders: number): void;
  /** One more border, in the middle of a call. */
  border(): void;
  /** Makes one call to the outside. Never resolves when the process died before the call or before its answer. */
  cross<T>(call: () => Promise<T>): Promise<T>;
}

export function createLife(number: number, onDeath: () => void): Life {
  let alive = true;
  let doom = Infinity;

  function die(): void {
    if (!alive) return;
    alive = false;
    onDeath();
  }

  /** @returns whether the process is alive on the other side of the border */
  function passes(): boolean {
    doom--;
    if (doom <= 0) die();
    return alive;
  }

  return {
    number,
    alive: () => alive,
    die,
    doom(borders) {
      doom = borders;
    },
    border: () => void passes(),
    async cross(call) {
      if (!passes()) return never();
      const [settled] = await Promise.allSettled([call()]);
      if (!passes()) return never();
      if (settled.status === "rejected") throw settled.reason;
      return settled.value;
    },
  };
}

export function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}

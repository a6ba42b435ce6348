/** A few at a time, in the order of asking. */
export interface Turns {
  place(): Place;
  /** Lets nobody in any more, and sends away whoever waits. */
  close(): void;
}

/** Of one who comes again and again: each time behind all who wait. */
export interface Place {
  /** Gives up the turn it has and waits for the next. @returns false when there will be none */
  take: () => Promise<boolean>;
  leave: () => void;
}

export function createTurns(atOnce: number): Turns {
  const waiting: ((isIn: boolean) => void)[] = [];
  let inside = 0;
  let closed = false;

  function enter(): Promise<boolean> {
    if (closed) return Promise.resolve(false);
    if (inside === atOnce) return new Promise((resolve) => waiting.push(resolve));
    inside++;
    return Promise.resolve(true);
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) inside--;
    else next(true);
  }

  return {
    place() {
      let isIn = false;
      const give = (): void => {
        if (isIn) leave();
        isIn = false;
      };
      return {
        async take() {
          give();
          isIn = await enter();
          return isIn;
        },
        leave: give,
      };
    },
    close() {
      closed = true;
      for (const resolve of waiting.splice(0)) resolve(false);
    },
  };
}

import { Refused } from "./refused.ts";

export interface SimulatedSubscription {
  id: string | number;
  topic: string;
  address: string;
  /** Of the API by which it was made; empty where there are none. */
  version: string;
  /** Webhooks in a row that came to nothing. */
  failures: number;
}

/** How one store system keeps its subscriptions. */
export interface VendorSubscriptions {
  /** Whether the cancellation of an order is sent to subscriptions of this topic. */
  covers(topic: string): boolean;
  one_per_topic: boolean;
  /** As the vendor writes its ids. */
  idOf(count: number): string | number;
  /** How a bad address is refused. */
  refused_status: number;
}

/** Where a simulated store sends its webhooks. */
export interface SubscriptionBook {
  list(): readonly SimulatedSubscription[];
  /** @throws Refused when the address is none, is not https, or the topic has its subscription */
  add(topic: unknown, address: unknown, version: string): SimulatedSubscription;
  /** @returns false when there is none of this id */
  remove(id: string): boolean;
  /** Those to which the cancellation of an order is sent. */
  ofCancellations(): SimulatedSubscription[];
  /** @returns whether that was one failure too many, and the subscription is gone */
  count(subscription: SimulatedSubscription, succeeded: boolean): boolean;
  has(subscription: SimulatedSubscription): boolean;
  drop(): void;
}

/** SHOPLINE's and Shoplazza's pages. Whether a webhook's first try counts among them they leave open: it does here. */
const FAILURES_MAX = 19;

export function createSubscriptionBook(vendor: VendorSubscriptions, takesHttp: boolean): SubscriptionBook {
  let subscriptions: SimulatedSubscription[] = [];
  let made = 0;

  function remove(wanted: (subscription: SimulatedSubscription) => boolean): boolean {
    const left = subscriptions.filter((one) => !wanted(one));
    const found = left.length < subscriptions.length;
    subscriptions = left;
    return found;
  }

  return {
    list: () => subscriptions,
    add(topic, address, version) {
      const refuse = (words: string): never => {
        throw new Refused(vendor.refused_status, words);
      };
      if (typeof topic !== "string" || topic === "") return refuse("topic is required");
      if (typeof address !== "string" || !URL.canParse(address)) return refuse("address is invalid");
      const { protocol } = new URL(address);
      if (protocol !== "https:" && !(takesHttp && protocol === "http:")) {
        return refuse("address must be an https URL");
      }
      const isTaken = subscriptions.some(
        (one) => one.topic === topic && (vendor.one_per_topic || one.address === address),
      );
      if (isTaken) return refuse("this topic has been subscribed to already");
      const subscription = { id: vendor.idOf(++made), topic, address, version, failures: 0 };
      subscriptions.push(subscription);
      return subscription;
    },
    remove: (id) => remove((one) => String(one.id) === id),
    ofCancellations: () => subscriptions.filter(({ topic }) => vendor.covers(topic)),
    count(subscription, succeeded) {
      subscription.failures = succeeded ? 0 : subscription.failures + 1;
      return subscription.failures >= FAILURES_MAX && remove((one) => one === subscription);
    },
    has: (subscription) => subscriptions.includes(subscription),
    drop() {
      subscriptions = [];
    },
  };
}

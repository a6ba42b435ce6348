/** What a slip says, as read back from one of its forms. The three forms of one order must give the same. */
export interface SlipRead {
  order: string;
  is_test: boolean;
  says_cancelled: boolean;
  says_do_not_make: boolean;
  reprint: number | null;
  may_be_repeat: boolean;
  /** Moments as `12:04`, `11-24 12:04` where the slip says the day, `2026-11-24 12:04` the year; `ago` as `hours 6 27`. */
  late: { ago: string; cancelled: string; sent: string } | null;
  /** The contract's words, in any order. */
  contract: string[];
  /** `2026-11-24 12:04` */
  cancelled: string;
  cancelled_known: boolean;
  /** As `cancelled`. */
  sent: string;
  /** As `cancelled`; null in the forms that leave it out. */
  ordered: string | null;
  reason: string | null;
  /** Says that the store gave no reason. */
  no_reason: boolean;
  /** What the slip says is not known. */
  unknown: "all" | "items" | null;
  items: ItemRead[];
  more_items: number | null;
  merchant_note: string | null;
  buyer_note: string | null;
  handover: { way: string; method: string | null } | null;
  payment: { state: string | null; method: string | null } | null;
  refund: { amount: string; of: string | null } | null;
  /** By the ticket's names; a discount without its sign, and no zero but a total's. */
  amounts: Record<string, string>;
  currency: string | null;
  /** Name, telephone, address, town: those that are there. */
  buyer: string[];
  store: string | null;
  platform: string | null;
  order_id: string;
  has_problems: boolean;
  slip: string | null;
}

export interface ItemRead {
  quantity: string | null;
  name: string;
  /** `text Qwz`, `option Qwz Qkv`, `note Qwz`, `sku Qwz`, `more 3` */
  details: string[];
  /** Decimal, with a dot. */
  amount: string | null;
}

export function nothingRead(): SlipRead {
  return {
    order: "",
    is_test: false,
    says_cancelled: false,
    says_do_not_make: false,
    reprint: null,
    may_be_repeat: false,
    late: null,
    contract: [],
    cancelled: "",
    cancelled_known: false,
    sent: "",
    ordered: null,
    reason: null,
    no_reason: false,
    unknown: null,
    items: [],
    more_items: null,
    merchant_note: null,
    buyer_note: null,
    handover: null,
    payment: null,
    refund: null,
    amounts: {},
    currency: null,
    buyer: [],
    store: null,
    platform: null,
    order_id: "",
    has_problems: false,
    slip: null,
  };
}

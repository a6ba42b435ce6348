import { bareTicket, type Ticket } from "../../src/core/ticket.ts";
import { item, NO_AMOUNTS, noodles } from "./tickets.ts";

/** Hand-written tickets at the edges of what an order may hold: what each shows is said where it is named. */

/** Every field a slip can carry, an item without a printable name, and a field that could not be read. */
export const rich: Ticket = {
  ...noodles,
  cancelled_at_known: false,
  merchant_note: "Call back before 18:00",
  payment: "partially_refunded",
  amounts: {
    subtotal: "1219.00",
    discount: "1.00",
    delivery: "3.00",
    delivery_tax: "0.30",
    extra: "0.50",
    tip: "2.00",
    tax: "4.20",
    total: "1228.00",
    refunded: "28.00",
  },
  items: [...noodles.items, item("\u2800", { quantity: null, sku: "RAMEN", amount: "1200.00" })],
  problems: ["tags"],
};

/** A currency without decimals. */
export const yen: Ticket = {
  ...noodles,
  currency: "JPY",
  amounts: { ...NO_AMOUNTS, subtotal: "12800", delivery: "500", tax: "1209", total: "13300", refunded: "13300" },
  items: [item("Wagyu sukiyaki set", { quantity: "2", amount: "12800" })],
};

/** A currency of three decimals, and Arabic, which is written from the right. */
export const dinar: Ticket = {
  ...noodles,
  currency: "KWD",
  reason: "غيّر العميل رأيه",
  buyer_note: "اتصل قبل الوصول، الطابق 3",
  amounts: { ...NO_AMOUNTS, subtotal: "4.750", delivery: "0.500", total: "5.250", refunded: "5.250" },
  buyer: { name: "عبد الله الصباح", phone: "+965 5123 4567", address: "شارع سالم المبارك 12", town: "السالمية، الكويت" },
  items: [
    item("شاورما دجاج مع ثوم", { quantity: "2", note: "بدون بصل", amount: "3.000" }),
    item("فتوش", { variant: "كبير", amount: "1.750" }),
  ],
};

/** From the right as well, with Latin letters and figures inside. */
export const hebrew: Ticket = {
  ...noodles,
  currency: "ILS",
  reason: "הלקוח התחרט",
  buyer: { name: "נועה כהן", phone: "052-123-4567", address: "רחוב דיזנגוף 99, דירה 4", town: "תל אביב 6439602" },
  items: [item("חומוס עם פלאפל XL ו-3 פיתות", { quantity: "2", note: "בלי חריף", amount: "64.00" })],
};

/** Amounts below zero are shown as sent; a discount that is negative already is not negated again. */
export const negative: Ticket = {
  ...noodles,
  amounts: { ...NO_AMOUNTS, subtotal: "-6.00", discount: "-2.00", extra: "-0.50", total: "-8.50", refunded: "-8.50" },
  items: [item("Voucher taken back", { amount: "-9.00" }), item("Iced tea", { amount: "3.00" })],
};

/** Paid with a voucher: the total is nothing, and nothing goes back. */
export const free: Ticket = {
  ...noodles,
  amounts: { ...NO_AMOUNTS, subtotal: "19.00", discount: "19.00", delivery: "0.00", tax: "0.00", total: "0.00", refunded: "0.00" },
};

/** The store's own sum is wrong; the relay is no accountant, and shows what was sent. */
export const oddSum: Ticket = {
  ...noodles,
  amounts: { ...NO_AMOUNTS, subtotal: "10.00", delivery: "3.00", total: "99.00", refunded: "120.00" },
};

/** Amounts wider than their column can be: they get lines of their own. */
export const hugeAmounts: Ticket = {
  ...noodles,
  currency: "IRR",
  amounts: { ...NO_AMOUNTS, subtotal: "123456789012345.00", total: "123456789012345678.00" },
  items: [item("Gold leaf cake", { amount: "123456789012345.00" }), item("Candles", { amount: "1.00" })],
};

/** Nothing but emoji, in every text. */
export const emoji: Ticket = {
  ...noodles,
  order_name: "🍕🍕",
  reason: "😡",
  buyer_note: "🙏🏽❤️",
  buyer: { name: "👨‍👩‍👧", phone: null, address: "🏠", town: "🇹🇼" },
  items: [item("🍕", { quantity: "2", variant: "🌶️", amount: "18.00" }), item("🍺 Beer", { amount: "4.00" })],
};

/** Letters written with combining marks: composed where they can be, piled marks cut, none counted as a column. */
export const combining: Ticket = {
  ...noodles,
  reason: "Client de\u0301c\u0327u",
  buyer: { ...noodles.buyer, name: "Nguye\u0302\u0303n Thi\u0323 Ho\u031b\u0300ng" },
  items: [
    item("Cre\u0300me bru\u0302le\u0301e", { amount: "6.00" }),
    item("पनीर टिक्का मसाला", { amount: "9.00" }),
    item("น้ำแข็งไสน้ำผึ้งป่า", { amount: "4.00" }),
    item("ガラムマサラカレー".normalize("NFD"), { amount: "8.00" }),
    item("비빔밥 곱빼기".normalize("NFD"), { amount: "9.00" }),
    item("T\u0300\u0301\u0302\u0303\u0304\u0305e\u0323\u0324\u0325\u0330\u0331a", { amount: "3.00" }),
  ],
};

const toppings = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: "Topping", value: `no. ${String(index + 1)}` }));

/** As many options as are printed, and two more. */
export const manyOptions: Ticket = {
  ...noodles,
  items: [
    item("Pizza of twenty", { options: toppings(20), amount: "30.00" }),
    item("Pizza of twenty-two", { options: toppings(22), amount: "32.00" }),
  ],
};

/** Quantities as stores send them: none, a part, many, below zero, and one too long to stand before a name. */
export const quantities: Ticket = {
  ...noodles,
  items: [
    item("Unknown number", { quantity: null, amount: "1.00" }),
    item("Half a kilo of ham", { quantity: "0.5", amount: "9.90" }),
    item("Spring rolls for a wedding", { quantity: "1000", amount: "950.00" }),
    item("Returned bottle", { quantity: "-2", amount: "-0.50" }),
    item("Grains of rice", { quantity: "123456789", amount: "2.00" }),
  ],
};

/** An order name that fits no line of big letters. */
export const longOrder: Ticket = { ...noodles, order_name: "Web order 2026/11/24 Xinyi branch, table 12, no. 104857" };

/** An order number of a shop with branches: its parts are told apart by hyphens. */
export const hyphenedOrder: Ticket = { ...noodles, order_name: "TW-2026-11-29-XINYI-000104857" };

/** An order name without a place to break it. */
export const endlessOrder: Ticket = { ...noodles, order_name: `WEB${"0123456789".repeat(7)}A` };

const SENTENCES = "Please ring twice and wait at the green door. ".repeat(14);
const FIVE_HUNDRED = SENTENCES.slice(0, 500).trim();

/** Notes of 500 characters, the most that is taken from a store, and one that is longer. */
export const longNotes: Ticket = {
  ...noodles,
  reason: FIVE_HUNDRED,
  merchant_note: "請把餐點放在管理室，並打電話通知住戶。".repeat(27).slice(0, 500),
  buyer_note: SENTENCES,
  items: [item("Beef noodle soup", { quantity: "2", note: FIVE_HUNDRED, amount: "16.00" })],
};

export const longCjk: Ticket = {
  ...noodles,
  reason: "ご注文内容に誤りがあったため",
  items: [
    item("招牌紅燒半筋半肉牛肉麵加滷蛋加豆干加海帶不要酸菜（大碗，麵硬，湯多）", { quantity: "12", amount: "2160" }),
    item("北海道産ズワイガニのクリームコロッケとオムライスの特製デミグラスソース", { quantity: "2", amount: "3560" }),
    item("돼지고기김치찌개곱빼기공기밥추가계란말이포함세트메뉴", { quantity: "3", amount: "27000" }),
  ],
};

/** Words longer than a line, and words that only just fit one. */
export const longWords: Ticket = {
  ...noodles,
  reason: "Lebensmittelunverträglichkeitsbescheinigung",
  items: [
    item("Donaudampfschifffahrtsgesellschaftskapitänsfrühstück", { quantity: "2", amount: "58.00" }),
    item("Rindfleischbrühe mit Leberknödelsuppeneinlage und Schnittlauchröllchen", { amount: "7.50" }),
    item("Erdbeer-Rhabarber-Streuselkuchen mit Vanillesoße", { options: [{ name: "Zuckeraustauschstoff", value: "Erythrit" }], amount: "12.00" }),
  ],
};

/** What is left of an order once its ticket has been pruned. */
export const pruned: Ticket = bareTicket(noodles, "pruned");

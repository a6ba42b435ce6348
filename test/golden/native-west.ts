import { item, NO_AMOUNTS, noodles } from "./tickets.ts";
import type { Ticket } from "../../src/core/ticket.ts";

/** Orders of European and Brazilian kitchens as their own shops would send them; nobody in them is real. */
const EVENING = Date.UTC(2026, 10, 24, 19, 12); // 20:12 in Madrid, Paris and Berlin, 16:12 in São Paulo
const MINUTE_MS = 60_000;

export const madrid: Ticket = {
  ...noodles,
  store: "taberna-la-latina",
  order_name: "#2231",
  created_at: EVENING - 9 * MINUTE_MS,
  cancelled_at: EVENING,
  reason: "El cliente ha cambiado de opinión",
  buyer_note: "El telefonillo no funciona, ¡llamad al llegar!",
  shipping_method: "Moto, 35 min",
  payment_method: "Bizum",
  currency: "EUR",
  amounts: { ...NO_AMOUNTS, subtotal: "51.50", delivery: "2.90", total: "54.40", refunded: "54.40" },
  buyer: { name: "María José Fernández Núñez", phone: "612 345 678", address: "C/ de la Cava Baja, 17, 3.º izq.", town: "28005 Madrid" },
  items: [
    item("Paella mixta", { quantity: "2", note: "Alergia a los frutos secos", amount: "28.00" }),
    item("Croquetas caseras de jamón ibérico (8 uds.)", { amount: "11.00" }),
    item("Tortilla de patatas", { variant: "Con cebolla", options: [{ name: "Punto", value: "poco cuajada" }], amount: "9.50" }),
    item("Agua con gas 50 cl", { amount: "3.00" }),
  ],
};

export const paris: Ticket = {
  ...noodles,
  platform: "shoplazza",
  store: "bistrot-des-abbesses",
  order_name: "BA-4471",
  created_at: EVENING - 22 * MINUTE_MS,
  cancelled_at: EVENING,
  reason: "Le client s’est trompé de date",
  buyer_note: null,
  merchant_note: "Cliente fidèle : offrir le dessert la prochaine fois",
  handover: "collection",
  shipping_method: null,
  payment_method: "Carte bancaire",
  currency: "EUR",
  amounts: { ...NO_AMOUNTS, subtotal: "63.00", total: "63.00", refunded: "63.00" },
  buyer: { name: "Hélène Lefèvre", phone: "06 12 34 56 78", address: "24, rue des Trois-Frères, bât. B", town: "75018 Paris" },
  items: [
    item("Bœuf bourguignon, gratin dauphinois", { quantity: "2", amount: "33.00" }),
    item("Croque-madame", {
      options: [
        { name: "Cuisson de l’œuf", value: "à point" },
        { name: "Garniture", value: "salade sans noix" },
      ],
      amount: "12.50",
    }),
    item("Crème brûlée à la vanille", { quantity: "2", amount: "13.00" }),
    item("Eau pétillante 75 cl", { amount: "4.50" }),
  ],
};

export const munich: Ticket = {
  ...noodles,
  store: "haidhauser-wirtshaus",
  order_name: "#640",
  created_at: EVENING - 4 * MINUTE_MS,
  cancelled_at: EVENING,
  reason: "Doppelt bestellt",
  buyer_note: "Bitte im Hinterhaus klingeln, 3. Stock ohne Aufzug",
  shipping_method: "Fahrradkurier",
  payment: "unpaid",
  payment_method: "Barzahlung bei Lieferung",
  currency: "EUR",
  amounts: { ...NO_AMOUNTS, subtotal: "61.20", delivery: "2.50", total: "63.70" },
  buyer: { name: "Jürgen Großmann", phone: "0151 23456789", address: "Weißenburger Straße 41, Hinterhaus", town: "81667 München" },
  items: [
    item("Rindergulasch mit Semmelknödeln und Preiselbeeren", { quantity: "2", amount: "33.80" }),
    item("Schweineschnitzel „Wiener Art“", {
      options: [{ name: "Beilage", value: "Pommes frites statt Kartoffeln" }],
      note: "Laktoseunverträglichkeit",
      amount: "15.90",
    }),
    item("Kartoffel-Gurken-Salat", { amount: "4.50" }),
    item("Apfelschorle 0,5 l", { quantity: "2", amount: "7.00" }),
  ],
};

export const saoPaulo: Ticket = {
  ...noodles,
  store: "cantina-da-augusta",
  order_name: "#7780",
  created_at: EVENING - 11 * MINUTE_MS,
  cancelled_at: EVENING,
  reason: "Endereço fora da área de entrega",
  buyer_note: "Portão azul; o interfone não está funcionando",
  shipping_method: "Motoboy",
  payment_method: "Pix",
  currency: "BRL",
  amounts: { ...NO_AMOUNTS, subtotal: "191.90", discount: "10.00", delivery: "8.50", total: "190.40", refunded: "190.40" },
  buyer: { name: "João da Conceição", phone: "(11) 91234-5678", address: "Rua Augusta, 1508, apto. 42", town: "São Paulo - SP, 01304-001" },
  items: [
    item("Feijoada completa (serve 2)", {
      options: [{ name: "Acompanhamentos", value: "couve, farofa, laranja" }],
      note: "Sem pimenta",
      amount: "89.90",
    }),
    item("Moqueca de peixe com pirão", { amount: "64.00" }),
    item("Pão de queijo (10 un.)", { amount: "24.00" }),
    item("Guaraná 2 L", { variant: "Bem gelado", amount: "14.00" }),
  ],
};

import { CANCELLED_AT, item, NO_AMOUNTS, noodles } from "./tickets.ts";
import type { Ticket } from "../../src/core/ticket.ts";

/** Orders of Asian kitchens as their own shops would send them; nobody in them is real. */

export const chengdu: Ticket = {
  ...noodles,
  store: "chuanwei-xiaoguan",
  order_name: "#3106",
  reason: "顾客临时有事，无法收餐",
  buyer_note: "门禁坏了，到了请打电话，不要放门口",
  shipping_method: "骑手配送",
  payment_method: "支付宝",
  currency: "CNY",
  amounts: { ...NO_AMOUNTS, subtotal: "98.00", discount: "12.00", delivery: "5.00", total: "91.00", refunded: "91.00" },
  buyer: { name: "李晓明", phone: "138 0013 8000", address: "锦江区春熙路南段8号3栋2单元1502", town: "四川省成都市 610021" },
  items: [
    item("夫妻肺片", { options: [{ name: "辣度", value: "微辣" }], amount: "38.00" }),
    item("麻婆豆腐盖饭（加饭）", {
      quantity: "2",
      options: [{ name: "花椒", value: "少放" }],
      note: "其中一份不要肉末，客人吃素",
      amount: "52.00",
    }),
    item("冰镇酸梅汤", { variant: "大杯", amount: "8.00" }),
  ],
};

export const shibuya: Ticket = {
  ...noodles,
  store: "menya-shibuya",
  order_name: "#512",
  reason: "お客様のご都合によるキャンセル",
  buyer_note: "インターホンが壊れています。着いたらお電話ください。",
  shipping_method: "自転車便",
  payment_method: "クレジットカード",
  currency: "JPY",
  amounts: { ...NO_AMOUNTS, subtotal: "2900", delivery: "420", total: "3320", refunded: "3320" },
  buyer: { name: "佐藤 美咲", phone: "090-1234-5678", address: "渋谷区神南1-19-4 グリーンハイツ302号室", town: "東京都 150-0041" },
  items: [
    item("特製醤油ラーメン（大盛り）", {
      options: [
        { name: "麺の硬さ", value: "かため" },
        { name: "トッピング", value: "味玉・のり増し・チャーシュー2枚" },
      ],
      note: "ネギ抜きでお願いします",
      amount: "1180",
    }),
    item("手作り焼き餃子（6個）", { quantity: "2", amount: "960" }),
    item("半チャーハン", { amount: "480" }),
    item("ウーロン茶", { variant: "氷なし", amount: "280" }),
  ],
};

export const seoul: Ticket = {
  ...noodles,
  store: "teheran-chicken",
  order_name: "#1204",
  reason: "고객 변심으로 주문 취소",
  buyer_note: "아기가 자고 있으니 초인종 누르지 마시고 문 앞에 놓아 주세요",
  shipping_method: "오토바이 배달",
  payment_method: "카카오페이",
  currency: "KRW",
  amounts: { ...NO_AMOUNTS, subtotal: "32500", delivery: "3000", total: "35500", refunded: "35500" },
  buyer: { name: "김민수", phone: "010-1234-5678", address: "강남구 테헤란로 152, 1203호", town: "서울특별시 06236" },
  items: [
    item("양념 반 후라이드 반 순살치킨", {
      options: [
        { name: "맵기", value: "보통맛" },
        { name: null, value: "치킨무 추가" },
      ],
      note: "땅콩 빼 주세요 (알레르기)",
      amount: "21000",
    }),
    item("국물떡볶이 2인분", { options: [{ name: "사리", value: "치즈, 라면" }], amount: "9000" }),
    item("콜라 1.25L", { amount: "2500" }),
  ],
};

export const bangkok: Ticket = {
  ...noodles,
  store: "sukhumvit-kitchen",
  order_name: "#77",
  reason: "ลูกค้าเปลี่ยนใจ ขอสั่งใหม่พรุ่งนี้",
  buyer_note: "ฝากไว้ที่ป้อมยามหน้าหมู่บ้านได้เลยค่ะ",
  shipping_method: "มอเตอร์ไซค์",
  payment_method: "พร้อมเพย์",
  currency: "THB",
  amounts: { ...NO_AMOUNTS, subtotal: "425.00", delivery: "30.00", total: "455.00", refunded: "455.00" },
  buyer: { name: "สมชาย ใจดี", phone: "081-234-5678", address: "88/12 ซอยสุขุมวิท 24 แขวงคลองตัน เขตคลองเตย", town: "กรุงเทพฯ 10110" },
  items: [
    item("ผัดไทยกุ้งสด", { quantity: "2", options: [{ name: "ความเผ็ด", value: "เผ็ดน้อย" }], amount: "180.00" }),
    item("ก๋วยเตี๋ยวเนื้อน้ำตกพิเศษเส้นเล็กไม่งอก", { note: "ไม่ใส่ผักชี แพ้ถั่วลิสง", amount: "95.00" }),
    item("ส้มตำไทยไข่เค็ม", { amount: "75.00" }),
    item("ข้าวเหนียว", { quantity: "2", amount: "30.00" }),
    item("ชาไทยเย็น", { variant: "หวานน้อย", amount: "45.00" }),
  ],
};

export const hanoi: Ticket = {
  ...noodles,
  store: "pho-thang-long",
  order_name: "#418",
  reason: "Khách đổi ý, hẹn đặt lại vào tối mai",
  buyer_note: "Gọi điện trước khi đến, nhà ở cuối ngõ, cổng màu xanh",
  shipping_method: "Xe máy, 25 phút",
  payment_method: "Ví MoMo",
  currency: "VND",
  amounts: { ...NO_AMOUNTS, subtotal: "289000", discount: "30000", delivery: "18000", total: "277000", refunded: "277000" },
  buyer: { name: "Nguyễn Thị Thu Hương", phone: "0912 345 678", address: "25 ngõ 18 phố Huỳnh Thúc Kháng", town: "Quận Đống Đa, Hà Nội" },
  items: [
    item("Phở bò tái nạm gầu", {
      quantity: "2",
      variant: "Tô lớn",
      options: [{ name: "Thêm", value: "quẩy, trứng chần, ớt" }],
      note: "Không hành, không rau mùi",
      amount: "150000",
    }),
    item("Bún chả Hà Nội đặc biệt", { amount: "65000" }),
    item("Gỏi cuốn tôm thịt (2 cuốn)", { amount: "45000" }),
    item("Cà phê sữa đá", { options: [{ name: null, value: "ít ngọt" }], amount: "29000" }),
  ],
};

export const bangsar: Ticket = {
  ...noodles,
  store: "warung-bangsar",
  order_name: "#905",
  created_at: CANCELLED_AT - 6 * 60_000,
  reason: "Pelanggan tersalah pesan",
  buyer_note: "Tinggalkan di pondok pengawal",
  shipping_method: "Motosikal",
  payment_method: "Touch 'n Go eWallet",
  currency: "MYR",
  amounts: { ...NO_AMOUNTS, subtotal: "51.30", delivery: "5.00", tax: "3.08", total: "59.38", refunded: "59.38" },
  buyer: { name: "Nurul Aisyah binti Ahmad", phone: "012-345 6789", address: "No. 8, Jalan Telawi 3, Bangsar Baru", town: "59100 Kuala Lumpur" },
  items: [
    item("Nasi lemak ayam goreng berempah", {
      quantity: "2",
      options: [{ name: "Sambal", value: "lebih pedas" }],
      note: "Tak nak kacang",
      amount: "29.80",
    }),
    item("Mee goreng mamak", { options: [{ name: null, value: "telur mata" }], amount: "9.50" }),
    item("Roti canai kosong", { quantity: "3", amount: "6.00" }),
    item("Teh tarik", { quantity: "2", variant: "Kurang manis", amount: "6.00" }),
  ],
};

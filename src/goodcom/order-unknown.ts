/**
 * Whether a refusal means "I do not know this order", which is what `cancel_then_submit` waits for. The real
 * words are not public (facts: "duplicate and unknown-order behaviour: ?"), so this is a list of how clouds say
 * it. A false yes costs one refused `submitorder`; yet words on signs, keys and duplicates are never a yes,
 * because then another slip might print.
 */
const NOT_KNOWN = [
  /\bnot (?:be )?(?:found|exist\w*|known|recogni[sz]ed)\b/,
  /(?:\b(?:can)?not|n['’]?t|\bunable to) (?:be )?(?:find|found|locate|exist)\b/,
  /\bno (?:such|matching) |\bno order\b|\bunknown order\b|\bnon ?existent\b/,
  /\border\b.{0,40}\bunknown\b(?! ?(?:error|reason))/,
  /不存在|找不到|未找到|查不到|查无|查無|(?:没有|沒有|未)(?:找到|查到|查询到|查詢到)/,
  // Laravel's own words for an id that is in no table, as the vendor's package would say it: "The selected order id is invalid."
  /\b(?:invalid|wrong|incorrect) order\b|\border (?:is )?(?:invalid|wrong|incorrect)\b/,
  /\border ?(?:id|no|number)\b.{0,40}\b(?:invalid|wrong|incorrect)\b|\bno (?:records?|data|results?)\b/,
  /\b(?:not|never) (?:been |yet )*submitted\b|\border .{0,20}\b(?:not|never) (?:been |yet )*(?:placed|received)\b/,
  /(?:订单|訂單|单号|單號)号?(?:无效|無效|错误|錯誤|有误|有誤|不正确|不正確)|(?:无效|無效)的?(?:订单|訂單)/,
  /(?:暂无|暫無|没有|沒有|无|無|未查询到|未查詢到)(?:该|相关|相關)?(?:数据|數據|资料|資料|记录|記錄)/,
  /(?:没有|沒有|无|無)(?:此|该|該|这个|這個|相关|相關)?(?:订单|訂單)|(?:订单|訂單).{0,4}(?:没有|沒有)/,
];

const NEVER = [
  /\b(?:sign|signature|key|api ?key|app ?key|secret|auth\w*|unauthori\w*|token|permission|forbidden|denied)\b/,
  /\b(?:duplicate\w*|already|repeat\w*)\b/,
  // What is wrong with the order that was sent, or with one that is known too well.
  /\border (?:json|txt|text|format|status|state)\b/,
  /签名|簽名|密钥|密鑰|秘钥|秘鑰|授权|授權|权限|權限|鉴权|鑑權|验证|驗證|重复|重複|已存在|已经|已經/,
];

/** Other things that may be "not found"; they count unless the order is named too. */
const OTHER_THING = [
  /\b(?:device|printer|machine|terminal|account|user|merchant|shop|store|region|restaurant|app)\b/,
  /\b(?:route|page|endpoint|url|path|method|interface|api|field|param\w*)\b/,
  /设备|設備|打印机|打印機|终端|終端|账号|帳號|用户|用戶|商户|商戶|店铺|店鋪|接口|参数|參數|区域|區域/,
];
const ORDER = /\border|订单|訂單|单号|單號/;

/**
 * @param words the cloud's, of at most a few hundred characters; may be empty
 * @param status the answer's HTTP status: a 404 says "not found" without words
 */
export function saysOrderUnknown(words: string, status: number): boolean {
  const text = words
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/[\s_.-]+/g, " ");
  const hits = (patterns: readonly RegExp[]) => patterns.some((pattern) => pattern.test(text));
  if (hits(NEVER) || (hits(OTHER_THING) && !ORDER.test(text))) return false;
  return status === 404 || hits(NOT_KNOWN);
}

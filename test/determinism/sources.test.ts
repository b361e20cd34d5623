// What the engine is made of uses nothing of the host that differs from one Node, machine or setting to the next (lisp.md section 6).
//
// Clocks, chance and timers are watched over by test/tidy.test.ts. Here: languages and time zones of the host, its mathematics, its
// tables of Unicode, and in the folders a program's values are made in, its environment too.
import ts from "typescript";
import { expect, test } from "vitest";
import { files, text } from "../support/tree.ts";

/** Functions of Math that ECMAScript fixes to the last bit. */
const EXACT = new Set(
  "abs ceil clz32 floor fround imul max min round sign sqrt trunc E LN2 LOG2E LOG10E PI".split(" "),
);
/** Of Date, what goes by the zone or language of the host, or by what the host takes for a date. */
const LOCAL_DATE =
  /^(?:[gs]et(?:FullYear|Year|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds)|to(?:Date|Time|GMT)String|getTimezoneOffset)$/;
const LETTERS = new Set(["toUpperCase", "toLowerCase", "normalize"]);
const OWN_LETTERS = new Set(["src/base/text.ts", "src/data/unicode/case.ts"]);
/** For the width of a terminal's columns alone: nothing a program sees. */
const TERMINAL = "src/source/render.ts";
/** Folders in which values are made, or what is charged is reckoned. */
const VALUES = /^src\/(?:base|data|regex|reader|code|primitive|machine|compiler|snapshot|journal)\//;
/** Those of them that may not even know of the process they run in. */
const PURE = /^src\/(?:data|regex|reader|code|primitive|machine|compiler|snapshot|journal)\//;

/** What in the text of a file must not be there, as `line: what`. */
function forbidden(path: string, source: string): string[] {
  const found: string[] = [];
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.ES2023, true);
  const report = (node: ts.Node, what: string) => {
    found.push(`${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${what}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) forIdentifier(path, node, report);
    if (ts.isPropertyAccessExpression(node)) forProperty(path, node, report);
    if (ts.isNewExpression(node)) forNew(node, report);
    if (ts.isRegularExpressionLiteral(node)) forPattern(path, node.text, node, report);
    if (ts.isStringLiteralLike(node) && isPattern(node)) forPattern(path, node.text, node, report);
    if (ts.isTemplateExpression(node) && isPattern(node)) forPattern(path, node.getText(), node, report);
    if (ts.isBinaryExpression(node)) forPower(path, node, report);
    node.forEachChild(visit);
  };
  visit(file);
  return found;
}

type Report = (node: ts.Node, what: string) => void;

function forIdentifier(path: string, node: ts.Identifier, report: Report): void {
  if (node.text === "Intl") report(node, "Intl");
  const property = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node;
  if (!property && node.text === "process" && PURE.test(path)) report(node, "process");
}

function forProperty(path: string, node: ts.PropertyAccessExpression, report: Report): void {
  const { text: name } = node.name;
  const of = ts.isIdentifier(node.expression) ? node.expression.text : "";
  if (of === "Math" && !EXACT.has(name)) report(node, `Math.${name}`);
  if (/^toLocale|^localeCompare$/.test(name)) report(node, name);
  if (LOCAL_DATE.test(name) || (of === "Date" && name === "parse")) report(node, name);
  if (LETTERS.has(name) && !OWN_LETTERS.has(path)) report(node, name);
  if (/^trim(?:Start|End|Left|Right)?$/.test(name) && VALUES.test(path)) report(node, name);
}

function forNew(node: ts.NewExpression, report: Report): void {
  const name = ts.isIdentifier(node.expression) ? node.expression.text : "";
  if (name === "Date" && node.arguments?.length !== 1) report(node, "new Date of several arguments, or none");
}

function isPattern(node: ts.Node): boolean {
  return ts.isNewExpression(node.parent) && node.parent.expression.getText() === "RegExp";
}

function forPattern(path: string, pattern: string, node: ts.Node, report: Report): void {
  if (path === TERMINAL) return;
  if (/\\p\{/i.test(pattern)) report(node, "\\p{...}: the host's tables of Unicode");
  if (VALUES.test(path) && /\\s/i.test(pattern.replaceAll("[\\s\\S]", ""))) report(node, "\\s: the host's white space");
}

/** Powers of doubles are the host's; those of literals are reckoned when it compiles, those of BigInts exact. */
function forPower(path: string, node: ts.BinaryExpression, report: Report): void {
  if (node.operatorToken.kind !== ts.SyntaxKind.AsteriskAsteriskToken || !VALUES.test(path)) return;
  const literals = ts.isNumericLiteral(node.left) && ts.isNumericLiteral(node.right);
  const big = [node.left, node.right].some((side) => ts.isBigIntLiteral(side));
  if (!literals && !big) report(node, "** of doubles");
}

test("no source uses what differs from host to host", () => {
  expect(files("src", ".ts").flatMap((path) => forbidden(path, text(path)))).toEqual([]);
});

test.each([
  ["const a = new Intl.NumberFormat();", "Intl"],
  ["x.toLocaleString();", "toLocaleString"],
  ["a.localeCompare(b);", "localeCompare"],
  ["Math.sin(x);", "Math.sin"],
  ["Math.pow(x, 2);", "Math.pow"],
  ["Math.random();", "Math.random"],
  ["x.toUpperCase();", "toUpperCase"],
  ["x.normalize();", "normalize"],
  ["x.trim();", "trim"],
  ["date.getHours();", "getHours"],
  ["date.setFullYear(1);", "setFullYear"],
  ["date.getTimezoneOffset();", "getTimezoneOffset"],
  ["Date.parse(x);", "parse"],
  ["new Date(2026, 1, 1);", "new Date of several arguments, or none"],
  ["/\\p{L}/u.test(x);", "\\p{...}: the host's tables of Unicode"],
  ["new RegExp('\\\\p{L}', 'u');", "\\p{...}: the host's tables of Unicode"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a template
  ["new RegExp(`[^\\\\s${y}]`);", "\\s: the host's white space"],
  ["/a\\s/.test(x);", "\\s: the host's white space"],
  ["const y = x ** 2;", "** of doubles"],
  ["process.env.TZ;", "process"],
])("it would be found: %s", (source, what) => {
  expect(forbidden("src/data/example.ts", source)).toEqual([`src/data/example.ts:1: ${what}`]);
});

test("what is fixed may be used", () => {
  const source = `
    Math.sqrt(2) + Math.abs(x) + 2 ** 53; BigInt(a) ** 2n; new Date(ms).getUTCHours(); date.getTime();
    /[\\s\\S]/.test(x); JSON.parse(x); map.set(a, b); setImmediate(f); get(a);`;
  expect(forbidden("src/data/example.ts", source)).toEqual([]);
});

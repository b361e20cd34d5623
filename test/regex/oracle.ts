// Writes test/golden/regex-java.jsonl and regex-python.jsonl anew: what Java's and Python's own matchers answer to random patterns.
//
//   npx tsx test/regex/oracle.ts java /path/to/java      (JDK 19 or newer: \b went by Unicode before)
//   npx tsx test/regex/oracle.ts python /path/to/python3 (3.11 or newer: atomic groups)
//
// A line is [pattern, text, matches, whole, comparable]: the first six matches as begin and end of each group (null: took no part), the
// match of the whole text, and the groups that can be compared (patterns.ts). The test says where the three differ on purpose.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type Dialect, subjects, trees, write } from "./patterns.ts";

const CASES = 600;

const JAVA = `
import java.io.*; import java.nio.charset.StandardCharsets; import java.util.regex.*;
public class Oracle {
  static String plain(String s) {
    StringBuilder b = new StringBuilder();
    for (int i = 0; i < s.length(); i += 4) b.append((char) Integer.parseInt(s.substring(i, i + 4), 16));
    return b.toString();
  }
  static void spans(StringBuilder b, Matcher m) {
    b.append("[");
    for (int g = 0; g <= m.groupCount(); g++) {
      if (g > 0) b.append(",");
      b.append(m.start(g) < 0 ? "null" : "[" + m.start(g) + "," + m.end(g) + "]");
    }
    b.append("]");
  }
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null; ) {
      String[] parts = line.split(" ", -1);
      Pattern p = Pattern.compile(plain(parts[0]));
      StringBuilder b = new StringBuilder("[[");
      Matcher m = p.matcher(plain(parts[1]));
      for (int n = 0; n < 6 && m.find(); n++) { if (n > 0) b.append(","); spans(b, m); }
      b.append("],");
      Matcher w = p.matcher(plain(parts[1]));
      if (w.matches()) spans(b, w); else b.append("null");
      System.out.println(b.append("]"));
    }
  }
}`;

const PYTHON = String.raw`
import json, re, sys
plain = lambda s: bytes.fromhex(s).decode("utf-16-be")
for line in sys.stdin.read().split("\n")[:-1]:
    pattern, text = map(plain, line.split(" "))
    p = re.compile(pattern)
    units = [0]
    for c in text: units.append(units[-1] + (2 if ord(c) > 0xffff else 1))
    spans = lambda m: [[units[m.start(g)], units[m.end(g)]] if m.start(g) >= 0 else None for g in range(p.groups + 1)]
    found, at = [], 0
    while len(found) < 6 and at <= len(text):
        m = p.search(text, at)
        if not m: break
        found.append(spans(m))
        at = m.end() if m.end() > m.start() else m.end() + 1
    whole = p.fullmatch(text)
    print(json.dumps([found, spans(whole) if whole else None]))
`;

const hex = (text: string) =>
  Array.from({ length: text.length }, (_, i) => text.charCodeAt(i).toString(16).padStart(4, "0")).join("");

function answers(name: string, program: string, input: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "flowmetal-oracle-"));
  const [file, source] = name === "java" ? ["Oracle.java", JAVA] : ["oracle.py", PYTHON];
  writeFileSync(join(folder, file), source);
  const { stdout, stderr, status } = spawnSync(program, [join(folder, file)], {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim().split("\n");
}

function main([name, program]: string[]): void {
  const dialect: Dialect = name === "java" ? "clojure" : "python";
  // Java finds nothing also in the middle of a character of two units, and Python before 3.14 no \B in the empty text.
  const texts = subjects.filter((text) => text !== "" && !/[\ud800-\udfff]/.test(text));
  const cases = fc
    .sample(fc.tuple(trees, texts), { numRuns: CASES, seed: 27 })
    .map(([tree, text]) => ({ ...write(tree, dialect), text }));
  const lines = answers(name, program, cases.map(({ source, text }) => `${hex(source)} ${hex(text)}\n`).join(""));
  const golden = cases.map(({ source, text, comparable }, i) => {
    const [matches, whole] = JSON.parse(lines[i]) as [unknown, unknown];
    return JSON.stringify([source, text, matches, whole, comparable]);
  });
  writeFileSync(join(import.meta.dirname, `../golden/regex-${name}.jsonl`), `${golden.join("\n")}\n`);
}

main(process.argv.slice(2));

// Generated JavaScript holds no byte of a source (E-24): only fixed phrases and numbers.
import { expect, test } from "vitest";
import { Vector } from "../../src/data/vector.ts";
import { Raise } from "../../src/data/meter.ts";
import { generatedText } from "../../src/machine/generate.ts";
import { Machine } from "../../src/machine/machine.ts";
import { compileNext } from "../../src/module/compiling.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import type { UnitText } from "../../src/module/unit-text.ts";
import { Source } from "../../src/source/source.ts";

const MARK = "zqxj";

/** Names, strings, keywords and metadata that all carry a mark, and what a careless generator would break out of. */
const SOURCE = `
(def ${MARK}-global "${MARK}\\"; process.exit(1); //")
(defn ${MARK}-fn "${MARK} doc" [${MARK}-a & ${MARK}-rest]
  (loop [${MARK}-i 0 ${MARK}-acc ()]
    (if (< ${MARK}-i 3)
      (recur (inc ${MARK}-i) (cons (str "${MARK}\`\${}" ${MARK}-a :${MARK}/key '${MARK}-sym) ${MARK}-acc))
      (try (${MARK}-global ${MARK}-acc ${MARK}-rest) (catch :${MARK} ${MARK}-e [${MARK}-e "*/${MARK}"])))))
(fn [${MARK}-x] (perform ${MARK}-op ${MARK}-x 1234567891011 3.5 1/3))
`;

async function unitsOf(
  text: string,
): Promise<{ readonly library: ProgramLibrary; readonly units: readonly UnitText[] }> {
  const library = new ProgramLibrary(await shippedImage());
  const host = {
    observe(): never {
      throw new Raise("nothing is observed here");
    },
  };
  const machine = new Machine(library, host);
  machine.begin("t", library.image.hash, null, []);
  machine.state.ready.length = 0;
  const units: UnitText[] = [];
  const compiled = (texts: readonly UnitText[]): void => {
    units.push(...texts);
  };
  const source = new Source("mark.fm", text);
  for (let offset = 0; ; ) {
    const step = compileNext({ machine, library, sources: new Map(), compiled }, source, offset);
    if (!(step instanceof Vector)) return { library, units };
    machine.callNext(step.get(0), []);
    machine.run(1_000_000);
    offset = step.get(1) as number;
  }
}

test("no name, string, keyword or number of a source is in the text", async () => {
  const { library, units } = await unitsOf(SOURCE);
  expect(units.length).toBeGreaterThanOrEqual(4);
  expect(units.map((unit) => unit.code + unit.debug).join("")).toContain(MARK);
  for (const { hash } of units) {
    const text = generatedText(library.decoded(hash));
    expect(text).not.toContain(MARK);
    expect(text).not.toMatch(/process|1234567891011|3\.5|`|\/\/|\/\*/);
  }
});

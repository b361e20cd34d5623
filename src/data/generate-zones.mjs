// Writes zones.txt from the IANA time zone database: `node src/data/generate-zones.mjs TZDATA.ZI`, with zic on the PATH.
//
// TZDATA.ZI is the database in one file, as distributions install it (Debian: /usr/share/zoneinfo/tzdata.zi of the package tzdata).
// zic compiles it; what is kept of each zone is when its offset from UTC changed, and its rule for the time behind the last change.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Changes before this (1843) are the same everywhere: local mean time by the sun. */
const EARLIEST = -4e9;

/** What RFC 8536 says of a compiled zone: [seconds since 1970, offset] of each change, the offset before them, the rule behind. */
function parseCompiled(bytes) {
  const counts = (at) => Array.from({ length: 6 }, (_, i) => bytes.readUInt32BE(at + 20 + 4 * i));
  const [isut1, isstd1, leap1, time1, type1, char1] = counts(0);
  const second = 44 + time1 * 5 + type1 * 6 + char1 + leap1 * 8 + isstd1 + isut1;
  const [isut, isstd, leap, times, types, chars] = counts(second);
  const from = second + 44;
  const typesFrom = from + times * 9;
  const offsets = Array.from({ length: types }, (_, i) => bytes.readInt32BE(typesFrom + 6 * i));
  const changes = Array.from({ length: times }, (_, i) => [
    Number(bytes.readBigInt64BE(from + 8 * i)),
    offsets[bytes[from + 8 * times + i]],
  ]);
  const rule = bytes
    .subarray(typesFrom + 6 * types + chars + 12 * leap + isstd + isut + 1, bytes.length - 1)
    .toString();
  return { first: offsets[0], changes, rule };
}

/** `offsets|changes|rule`: a change is the seconds since the one before (since 1970 for the first) and the place of its offset. */
function encode({ first, changes, rule }) {
  const offsets = [changes.findLast(([at]) => at < EARLIEST)?.[1] ?? first];
  const kept = changes.filter(([at]) => at >= EARLIEST);
  let before = 0;
  let current = offsets[0];
  const texts = [];
  kept.forEach(([at, offset], i) => {
    // The last one stays even where nothing changes: behind it the rule holds.
    if (offset === current && i < kept.length - 1) return;
    if (!offsets.includes(offset)) offsets.push(offset);
    texts.push(`${(at - before).toString(36)}:${offsets.indexOf(offset).toString(36)}`);
    before = at;
    current = offset;
  });
  return `${offsets.join(",")}|${texts.join(" ")}|${rule}`;
}

const source = process.argv[2];
if (source === undefined) throw new Error("give the path of tzdata.zi");
const lines = readFileSync(source, "utf8").split("\n");
const version = /^# version (\S+)/.exec(lines[0])?.[1];
if (version === undefined) throw new Error(`${source} does not name its version in the first line`);
const folder = mkdtempSync(join(tmpdir(), "flowmetal-zones-"));
execFileSync("zic", ["-b", "slim", "-d", folder, source]);
const zones = lines
  .filter((line) => line.startsWith("Z "))
  .map((line) => line.split(" ")[1])
  .map((name) => [name, encode(parseCompiled(readFileSync(join(folder, name))))]);
const links = lines
  .filter((line) => line.startsWith("L "))
  .map((line) => line.split(" "))
  .map(([, target, name]) => [name, target]);
rmSync(folder, { recursive: true });
const text = `# Time zones of the IANA time zone database ${version} (in the public domain), written by generate-zones.mjs. Do not edit.
${[...zones, ...links]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, content]) => `${name}|${content}`)
  .join("\n")}
`;
writeFileSync(process.argv[3] ?? fileURLToPath(new URL("zones.txt", import.meta.url)), text);

// The base image that comes with this engine: beside the bundle, or built from prelude/ and lib/ when run from sources.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../base/hash.ts";
import { Image, imageOfText } from "./image.ts";
import { FileParts } from "./image-index.ts";

let shipped: Image | null = null;

/** This engine's own image. Reads it once per process. */
export async function shippedImage(): Promise<Image> {
  shipped ??= readShipped() ?? (await imageOfSources());
  return shipped;
}

function readShipped(): Image | null {
  const path = (name: string) => fileURLToPath(new URL(`./image.${name}`, import.meta.url));
  if (!existsSync(path("index"))) return null;
  return new Image(readFileSync(path("hash"), "latin1"), new FileParts(path("json"), path("index")));
}

/** From sources: kept in node_modules under the hash of what it is made of, so that tests build it once. */
async function imageOfSources(): Promise<Image> {
  const { buildImage, engineFiles, imageSources } = await import("./build-image.ts");
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const sources = imageSources(root);
  const inputs = [
    ...sources.map((source) => source.hash),
    ...engineFiles(root).map((path) => sha256(readFileSync(path))),
  ];
  const folder = join(root, "node_modules", ".cache", "flowmetal");
  const path = join(folder, `image-${sha256(inputs.join(" ")).slice(0, 16)}.json`);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, buildImage(sources));
    renameSync(temporary, path);
  }
  return imageOfText(readFileSync(path, "utf8"));
}

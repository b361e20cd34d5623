// Finds base images: this engine's own, or another from the store (S-10).
import { FlowmetalError } from "../base/errors.ts";
import { type Image, imageOfText } from "../module/image.ts";
import { shippedImage } from "../module/shipped-image.ts";
import type { Store } from "../store/store.ts";

/** This engine's own image, or another from the store (S-10). */
export async function findImage(hash: string, store: Store): Promise<Image> {
  const own = await shippedImage();
  if (own.hash === hash) return own;
  const text = await store.readImage({ hash });
  if (text === null) {
    throw new FlowmetalError("image/missing", `the base image ${hash} is not in the store`, {
      hint: "the program was made by another version of Flowmetal, and the store was changed from outside",
    });
  }
  return imageOfText(text);
}

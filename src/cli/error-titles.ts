// Error codes and types with what they mean in one sentence: codes as they are, types with their colon.
import { codes } from "../base/codes.ts";
import { errorTypes } from "../base/error-types.ts";

export const errorTitles: ReadonlyMap<string, string> = new Map([
  ...Object.entries(codes),
  ...Object.entries(errorTypes).map(([type, title]) => [`:${type}`, title] as const),
]);

/** The code or type that is meant by what stands in brackets behind a message, with or without them; null if there is none. */
export function titleOf(asked: string): string | null {
  const plain = asked.replace(/^\[|\]$/g, "");
  return [plain, `:${plain}`].find((one) => errorTitles.has(one)) ?? null;
}

// What is secret does not get into logs.
import { expect, test } from "vitest";
import { scrubbed, scrubbedData } from "../../src/observe/scrub.ts";

test.each([
  ["POST /callbacks/cb_Zm9vYmFyYmF6cXV4", "POST /callbacks/cb_...cXV4"],
  ["no answer from postgres://flow:s3cret@db/x?sslmode=off", "no answer from postgres://...@db/x?sslmode=off"],
  ["https://a.example/x?page=2&token=abc&y=1", "https://a.example/x?page=2&token=...&y=1"],
  ["Authorization: Bearer abc.def", "Authorization: Bearer ..."],
  ['{"authorization":"Basic dTpw","x":1}', '{"authorization":"Basic ...","x":1}'],
  ["scb_x and mailto:a@b are nothing of the kind", "scb_x and mailto:a@b are nothing of the kind"],
])("%s", (text, expected) => expect(scrubbed(text)).toBe(expected));

test("in data, however deep", () => {
  const data = { queues: ["a", "cb_0123456789"], at: { url: "http://u:p@h/" }, n: 1, none: null };
  expect(scrubbedData(data)).toEqual({ queues: ["a", "cb_...6789"], at: { url: "http://...@h/" }, n: 1, none: null });
});

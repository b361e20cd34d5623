// `format`: the table is what java.util.Formatter (JDK 17) writes for the same values; what differs here stands apart.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float } from "../../src/data/numbers.ts";
import { Raise } from "../../src/data/meter.ts";
import { ErrorValue } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { findPrimitive } from "../../src/primitive/registry.ts";
import { Runner } from "./support.ts";
import { holds } from "./table.ts";

const raw = String.raw;

test("as Java's formatter", () =>
  holds(raw`
  (format "%d" 42) => "42"
  (format "%5d|" 42) => "   42|"
  (format "%-5d|" 42) => "42   |"
  (format "%05d" -42) => "-0042"
  (format "%+d" 5) => "+5"
  (format "% d" 5) => " 5"
  (format "%(d" -5) => "(5)"
  (format "%,d" 1234567) => "1,234,567"
  (format "%,d" -999) => "-999"
  (format "%,010d" 1234567) => "01,234,567"
  (format "%(,d" -1234) => "(1,234)"
  (format "%+,d" 1000) => "+1,000"
  (format "%x" 255) => "ff"
  (format "%X" 255) => "FF"
  (format "%#x" 255) => "0xff"
  (format "%08x" 255) => "000000ff"
  (format "%#010x" 255) => "0x000000ff"
  (format "%o" 8) => "10"
  (format "%#o" 8) => "010"
  (format "%s" "ab") => "ab"
  (format "%5s|" "ab") => "   ab|"
  (format "%-5s|" "ab") => "ab   |"
  (format "%.2s" "abc") => "ab"
  (format "%6.2s|" "abc") => "    ab|"
  (format "%S" "abc") => "ABC"
  (format "%s" :a) => ":a"
  (format "%s" [1 "b"]) => "[1 \"b\"]"
  (format "%b" nil) => "false"
  (format "%b" 0) => "true"
  (format "%B" true) => "TRUE"
  (format "%.1b" false) => "f"
  (format "%f" 1.0) => "1.000000"
  (format "%f" 0.1) => "0.100000"
  (format "%.0f" 0.5) => "1"
  (format "%.0f" 1.5) => "2"
  (format "%.0f" 2.5) => "3"
  (format "%.1f" 0.25) => "0.3"
  (format "%.1f" 0.35) => "0.4"
  (format "%.2f" 1.005) => "1.01"
  (format "%.2f" -1.005) => "-1.01"
  (format "%.1f" 0.15) => "0.2"
  (format "%.3f" 1e-10) => "0.000"
  (format "%.2f" 1e15) => "1000000000000000.00"
  (format "%f" 123456789.125) => "123456789.125000"
  (format "%.2f" -0.0) => "-0.00"
  (format "%10.2f|" 3.14159) => "      3.14|"
  (format "%-10.2f|" 3.14159) => "3.14      |"
  (format "%010.2f" -3.14159) => "-000003.14"
  (format "%,.2f" 1234567.891) => "1,234,567.89"
  (format "%(.1f" -2.25) => "(2.3)"
  (format "%+.1f" 2.25) => "+2.3"
  (format "%#.0f" 3.0) => "3."
  (format "%.1f" 999.95) => "1000.0"
  (format "%e" 12345.678) => "1.234568e+04"
  (format "%.0e" 15000.0) => "2e+04"
  (format "%.2e" 9.999) => "1.00e+01"
  (format "%.3e" 0.00012345) => "1.235e-04"
  (format "%e" 0.0) => "0.000000e+00"
  (format "%E" 1.5e300) => "1.500000E+300"
  (format "%012.2e" -1.5e-7) => "-0001.50e-07"
  (format "%#.0e" 2.0) => "2.e+00"
  (format "%g" 0.0) => "0.00000"
  (format "%g" 123456.0) => "123456"
  (format "%g" 1234567.0) => "1.23457e+06"
  (format "%g" 0.0001) => "0.000100000"
  (format "%g" 0.00001) => "1.00000e-05"
  (format "%.3g" 99999.0) => "1.00e+05"
  (format "%.3g" 999.5) => "1.00e+03"
  (format "%.0g" 12.0) => "1e+01"
  (format "%.10g" 0.1) => "0.1000000000"
  (format "%,g" 12345.0) => "12,345.0"
  (format "%G" 1e-10) => "1.00000E-10"
  (format "%f" ##NaN) => "NaN"
  (format "%5.1f|" ##Inf) => "Infinity|"
  (format "%+f" ##Inf) => "+Infinity"
  (format "%(f" ##-Inf) => "(Infinity)"
  (format "%010f" ##-Inf) => " -Infinity"
  (format "100%%" 1) => "100%"
  (format "%5%|" 1) => "    %|"
  (format "%n" 1) => "\n"
  (format "%1$s%1$s" "a") => "aa"
  (format "%s%<s" "a") => "aa"
  (format "a%sb" "x") => "axb"
  `));

test("what differs: exact numbers, characters, signs, nil", () =>
  holds(raw`
  (format "%s" nil) => "nil"
  (format "%d" 12345678901234567890123) => "12345678901234567890123"
  (format "%x %o" -255 -8) => "-ff -10"
  (format "%+x % x %(x" 255 255 -255) => "+ff  ff (ff)"
  (format "%c%c%C" \a 98 "c") => "abC"
  (format "%3c|%-3c|" "a" "b") => "  a|b  |"
  (format "%.2f" 1) => "1.00"
  (format "%.3f" 2/3) => "0.667"
  (format "%.0f" 5/2) => "3"
  (format "%.0f" -5/2) => "-3"
  (format "%.30f" 1/3) => "0.333333333333333333333333333333"
  (format "%.2e" 123456789012345678901234567890) => "1.23e+29"
  (format "%.1e" 1/3) => "3.3e-01"
  (format "%g" 1/3) => "0.333333"
  (format "%s" (map inc (take 2 (iterate inc 1)))) => "(2 3)"
  (format "%.1s|%2s|" "😀b" "😀") => "😀| 😀|"
  (format "%2$s %1$s %s %<s" "a" "b") => "b a a a"
  (format "none" 1 2) => "none"
  `));

describe("what is wrong is named with its place", () => {
  test.each([
    [
      '(format "ab%q" 1)',
      ":format/syntax format: %q at column 3 is no conversion: there are %s %d %x %X %o %f %e %E %g %G %c %b %n %%",
    ],
    ['(format "100%")', ":format/syntax format: % at column 4 is no conversion: %% is a percent sign"],
    ['(format "%i" 1)', ":format/syntax format: %i at column 1 is no conversion: integers are written with %d"],
    ['(format "%tY" 1)', ":format/syntax format: %t at column 1 is not there: flow.time writes instants and durations"],
    ['(format "%--5d" 1)', ":format/syntax format: %--5d at column 1 has a flag twice"],
    ['(format "%,x" 1)', ":format/syntax format: %,x at column 1 cannot have the flag ,"],
    [
      '(format "%+ d" 1)',
      ":format/syntax format: %+ d at column 1 has both + and space: one of them says how positive numbers begin",
    ],
    ['(format "%-05d" 1)', ":format/syntax format: %-05d at column 1 has both - and 0: it is filled up on one side"],
    ['(format "%-d" 1)', ":format/syntax format: %-d at column 1 is to be filled up, but has no width"],
    ['(format "%.2d" 1)', ":format/syntax format: %.2d at column 1 cannot have a precision"],
    ['(format "%5n")', ":format/syntax format: %5n at column 1 cannot have a width"],
    ['(format "%9999999d" 1)', ":format/syntax format: %9999999d at column 1 asks for more than 100000 characters"],
    ['(format "%s %s" 1)', ":format/argument format: %s needs value 2, but there is 1 value behind the text"],
    ['(format "%<s" 1)', ":format/argument format: %<s takes the value of the one before, and there is none"],
    ['(format "%d" 1.5)', ":type format: %d takes an integer, but value 1 is 1.5, a float"],
    ['(format "%f" "a")', ':type format: %f takes a number, but value 1 is "a", a string'],
    ['(format "%c" "ab")', ':type format: %c takes a character or the number of one, but value 1 is "ab", a string'],
    ["(format nil)", ":type format takes a string, but argument 1 is nil"],
  ])("%s", async (form, message) => {
    const runner = await Runner.make();
    expect(runner.run(form).text).toBe(message);
  });
});

const write = (text: string, x: number): string => findPrimitive("format")!.call(text, Vector.of(float(x))) as string;

test("%.Nf is the nearest text with N places, and %e the nearest with N digits behind the point", () => {
  const doubles = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 });
  fc.assert(
    fc.property(doubles, fc.integer({ min: 0, max: 8 }), (x, places) => {
      const near = Number(write(`%.${places}f`, x));
      expect(Math.abs(near - x)).toBeLessThanOrEqual(0.5000001 * 10 ** -places + Math.abs(x) * 1e-15);
      const [mantissa, power] = write(`%.${places}e`, x).split("e") as [string, string];
      expect(mantissa).toMatch(places === 0 ? /^-?\d$/ : new RegExp(`^-?\\d\\.\\d{${places}}$`));
      expect(Math.abs(Number(`${mantissa}e${power}`) - x)).toBeLessThanOrEqual(
        0.5000001 * 10 ** (Number(power) - places),
      );
    }),
  );
});

test("17 digits read back as the same float, at any size", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      expect(Number(write("%.16e", x))).toBe(x);
    }),
  );
});

test("any text either formats or is refused as an error of the language", () => {
  const pieces = fc.constantFrom(
    "%",
    "s",
    "d",
    "f",
    "e",
    "g",
    "x",
    "c",
    "b",
    "n",
    "1$",
    "<",
    "-",
    "+",
    "0",
    ",",
    "(",
    " ",
    "#",
    "7",
    ".3",
    "é",
    "q",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      try {
        expect(typeof findPrimitive("format")!.call(parts.join(""), Vector.of(1, "a", float(2.5), null))).toBe(
          "string",
        );
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Raise);
        expect((thrown as Raise).error).toBeInstanceOf(ErrorValue);
      }
    }),
    { numRuns: 1000 },
  );
});

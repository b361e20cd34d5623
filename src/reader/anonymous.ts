// `#(...)`: collects the parameters a short function mentions and writes it as an ordinary `fn` form.
import { Sym } from "../data/value.ts";
import { Problem } from "./problem.ts";

/** The most parameters a short function can have, as in Clojure. */
const PARAMETERS_MAX = 20;

/**
 * The parameters of one `#(...)`. Their names end with `#`, so that a syntax-quote around the function gives them fresh
 * names instead of a namespace; they carry the function's number within its top-level form, so equal texts give equal forms.
 */
export class ShortFunction {
  private highest = 0;
  private rest = false;

  constructor(
    /** Which short function of its top-level form this is, from 1. */
    private readonly number: number,
  ) {}

  /** The parameter that a symbol such as `%`, `%2` or `%&` stands for; null if it is no such symbol. */
  parameter(image: string): Sym | Problem | null {
    if (image.charCodeAt(0) !== 0x25) return null;
    if (image === "%&") {
      this.rest = true;
      return this.restName();
    }
    const index = image === "%" ? 1 : /^%[1-9]\d?$/.test(image) ? Number(image.slice(1)) : 0;
    if (index === 0 || index > PARAMETERS_MAX) {
      return new Problem(
        "read/parameter",
        `${image} is not a parameter of a short function`,
        `inside #( ) the parameters are %, %1 to %${PARAMETERS_MAX}, and %& for the rest; use fn for names of your own`,
      );
    }
    this.highest = Math.max(this.highest, index);
    return this.name(index);
  }

  /** The beginning of the form `(fn [parameters] body)`. */
  signature(): { head: Sym; parameters: Sym[] } {
    const parameters = Array.from({ length: this.highest }, (_, i) => this.name(i + 1));
    if (this.rest) parameters.push(new Sym(null, "&"), this.restName());
    return { head: new Sym(null, "fn"), parameters };
  }

  private name(index: number): Sym {
    return new Sym(null, `p${index}__${this.number}#`);
  }

  private restName(): Sym {
    return new Sym(null, `rest__${this.number}#`);
  }
}

// The two streams a command writes to: data on standard output, everything else on standard error.
import { styleText } from "node:util";
import { toJson } from "./json.ts";

/** Thrown by writing when nobody reads standard output any more (`| head`). */
export class PipeClosed extends Error {
  constructor() {
    super("nobody reads the output any more");
  }
}

/** What a stream of the process has that is used here; tests bring their own. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string, done: (error?: Error | null) => void): boolean;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** How text is made bold or coloured on a stream. */
export type Style = Parameters<typeof styleText>[0];

/** Whether a stream shows colours: a terminal, unless the user wants none (NO_COLOR) or it cannot. */
function hasColours(stream: Stream, env: Env): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
}

type Env = Readonly<Record<string, string | undefined>>;

/** What both streams have. The stream is opened at its first use: that takes Node milliseconds, and many commands need but one. */
export abstract class Channel {
  private opened: Stream | null = null;

  constructor(
    private readonly open: () => Stream,
    private readonly env: Env,
  ) {}

  protected get stream(): Stream {
    if (this.opened === null) {
      this.opened = this.open();
      // Without a listener, Node ends the process with a stack trace.
      this.opened.on("error", () => this.failed());
    }
    return this.opened;
  }

  /** The stream reports that it cannot be written. */
  protected abstract failed(): void;

  get isTerminal(): boolean {
    return this.stream.isTTY === true;
  }

  /** Whether escape sequences for colours may be written. */
  get colours(): boolean {
    return hasColours(this.stream, this.env);
  }

  /** Characters in a line of the terminal, which can change. */
  get columns(): number {
    return this.stream.columns ?? 80;
  }

  style(style: Style, text: string): string {
    return this.colours ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** Standard output. */
export class Output extends Channel {
  /** Whether what was written last ended its line. */
  atLineStart = true;
  private closed = false;

  /** The write that fails reports it as well. */
  protected override failed(): void {
    this.closed = true;
  }

  /** Writes, and waits until the system took it. Throws PipeClosed where nobody reads. */
  async write(text: string): Promise<void> {
    if (text === "") return;
    if (this.closed) throw new PipeClosed();
    await new Promise<void>((resolve, reject) => {
      this.stream.write(text, (error) => {
        if (error === undefined || error === null) return resolve();
        this.closed = true;
        reject((error as NodeJS.ErrnoException).code === "EPIPE" ? new PipeClosed() : error);
      });
    });
    this.atLineStart = text.endsWith("\n");
  }

  /** Writes lines. */
  async lines(lines: readonly string[]): Promise<void> {
    if (lines.length > 0) await this.write(`${lines.join("\n")}\n`);
  }

  /** Writes an object as one line of JSON with the number of the schema in front. */
  async json(object: Readonly<Record<string, unknown>>): Promise<void> {
    await this.write(`${toJson({ schema: 1, ...object })}\n`);
  }
}

/** Standard error. Never fails: who closed it does not want to know. */
export class Errors extends Channel {
  protected override failed(): void {}

  write(text: string): void {
    this.stream.write(text, () => {});
  }

  line(text: string): void {
    this.write(`${text}\n`);
  }
}

/** Text from a program or a store made harmless for a terminal: control characters are shown, not obeyed. */
export function harmless(text: string): string {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, (char) => {
    const code = char.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}

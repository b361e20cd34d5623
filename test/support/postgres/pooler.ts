// A pooler for tests, with the rules of PgBouncer in transaction mode, and a network that can be cut.
//
// Every transaction of a client goes to another connection of the server than its last. What a pooler does not keep is refused and
// written down: named statements, settings of a session, LISTEN, session locks, unknown parameters at the start. The process number
// that a client is told is made up. Message formats: PostgreSQL's manual, sections 55.2 and 55.7.
import { createServer, type Server, type Socket } from "node:net";
import pg from "pg";

/** What becomes of a statement: it never arrives, its reply is lost, or the client is cut off while it runs. */
export type Cut = "before" | "after" | "during";

const STARTUP = ["user", "database", "client_encoding", "application_name", "datestyle", "timezone"];
const STATE: readonly RegExp[] = [
  /^\s*(?:un)?listen\b/i,
  /^\s*set\s+(?!local\b|transaction\b)/i,
  /^\s*(?:prepare|declare|discard|deallocate)\b/i,
  /\bpg_(?:try_)?advisory_lock\b/i,
  /\btemp(?:orary)?\s+(?:table|view)\b/i,
  /\bset_config\([^)]*false\s*\)/i,
];
const SSL_REQUEST = 80_877_103;

interface Backend {
  readonly socket: Socket;
  readonly end: () => Promise<void>;
  client: PooledClient | null;
}

export class Pooler {
  /** What clients did that a pooler does not allow. */
  readonly violations: string[] = [];
  /** Transactions passed on. */
  transactions = 0;
  readonly #server: Server;
  readonly #backends: Backend[];
  readonly #clients = new Set<Socket>();
  readonly #waiting: (() => void)[] = [];
  #refusing = false;
  readonly #cuts: { readonly text: string; readonly how: Cut }[] = [];

  private constructor(backends: Backend[]) {
    this.#backends = backends;
    this.#server = createServer((socket) => {
      if (this.#refusing) return void socket.destroy();
      this.#clients.add(socket);
      socket.on("close", () => this.#clients.delete(socket));
      new PooledClient(this, socket);
    });
  }

  /** A pooler with so many connections to the server at `url`. */
  static async start(url: string, connections = 5): Promise<Pooler> {
    const backends = await Promise.all(Array.from({ length: connections }, () => connect(url)));
    const pooler = new Pooler(backends);
    for (const backend of backends) backend.socket.on("data", (data: Buffer) => backend.client?.reply(data));
    await new Promise<void>((resolve) => pooler.#server.listen(0, "127.0.0.1", resolve));
    return pooler;
  }

  /** The URL of the server, through this. */
  through(url: string): string {
    const changed = new URL(url);
    changed.host = `127.0.0.1:${(this.#server.address() as { port: number }).port}`;
    return changed.href;
  }

  /** Cuts the connection at the next statement that holds `text`. */
  cut(text: string, how: Cut): void {
    this.#cuts.push({ text, how });
  }

  /** Takes no more clients, and passes on nothing of those it has but what is to be cut. */
  refuse(): void {
    this.#refusing = true;
  }

  get isRefusing(): boolean {
    return this.#refusing;
  }

  get cutsLeft(): number {
    return this.#cuts.length;
  }

  takeCut(message: string): Cut | null {
    const at = this.#cuts.findIndex(({ text }) => message.includes(text));
    return at < 0 ? null : this.#cuts.splice(at, 1)[0].how;
  }

  /** A connection of the server that is free, not `last` where there is a choice. */
  async take(client: PooledClient, last: Backend | null): Promise<Backend> {
    for (;;) {
      const free = this.#backends.filter((backend) => backend.client === null);
      const backend = free.find((one) => one !== last) ?? free[0];
      if (backend !== undefined) {
        backend.client = client;
        // The next of all clients gets another one.
        this.#backends.push(this.#backends.splice(this.#backends.indexOf(backend), 1)[0]);
        this.transactions++;
        return backend;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  free(backend: Backend): void {
    backend.client = null;
    this.#waiting.shift()?.();
  }

  async stop(): Promise<void> {
    for (const socket of this.#clients) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all(this.#backends.map((backend) => backend.end()));
  }
}

/** A connection that pg has logged in with, taken over behind its back. */
async function connect(url: string): Promise<Backend> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.removeAllListeners("data");
  client.on("error", () => undefined);
  const end = async (): Promise<void> => {
    stream.destroy();
  };
  return { socket: stream, end, client: null };
}

class PooledClient {
  readonly #pooler: Pooler;
  readonly #socket: Socket;
  #begun = false;
  #input: Buffer = Buffer.alloc(0);
  #output: Buffer = Buffer.alloc(0);
  /** Messages up to the next Sync or simple query. */
  #unit: Buffer[] = [];
  #backend: Backend | null = null;
  #last: Backend | null = null;
  #gone = false;
  #swallow = false;
  #sending: Promise<void> = Promise.resolve();

  constructor(pooler: Pooler, socket: Socket) {
    this.#pooler = pooler;
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#gone = true;
    });
    socket.on("data", (data: Buffer) => {
      this.#input = Buffer.concat([this.#input, data]);
      while (this.#begun ? this.#readMessage() : this.#readStart());
    });
  }

  /** What the server says; a backend is free again when its transaction is over. */
  reply(data: Buffer): void {
    if (!this.#gone && !this.#swallow) this.#socket.write(data);
    this.#output = Buffer.concat([this.#output, data]);
    while (this.#output.length >= 5) {
      const length = this.#output.readUInt32BE(1) + 1;
      if (this.#output.length < length) return;
      const idle = this.#output[0] === code("Z") && this.#output[5] === code("I");
      this.#output = this.#output.subarray(length);
      if (idle) this.#over();
    }
  }

  #over(): void {
    const backend = this.#backend!;
    this.#backend = null;
    this.#last = backend;
    if (this.#swallow) this.#socket.destroy();
    this.#pooler.free(backend);
  }

  #readStart(): boolean {
    if (this.#input.length < 8) return false;
    const length = this.#input.readUInt32BE(0);
    if (this.#input.length < length) return false;
    const body = this.#input.subarray(4, length);
    this.#input = this.#input.subarray(length);
    if (body.readUInt32BE(0) === SSL_REQUEST) {
      this.#socket.write("N");
      return true;
    }
    const words = body.subarray(4).toString("utf8").split("\0");
    const names = words.filter((word, i) => i % 2 === 0 && word !== "");
    for (const name of names)
      if (!STARTUP.includes(name.toLowerCase())) this.#violate(`the parameter ${name} at the start`);
    const number = Buffer.alloc(8, 7);
    const answer = [message("R", Buffer.alloc(4)), message("S", Buffer.from("server_version\x0018.0\0"))];
    this.#socket.write(Buffer.concat([...answer, message("K", number), message("Z", Buffer.from("I"))]));
    this.#begun = true;
    return true;
  }

  #readMessage(): boolean {
    if (this.#input.length < 5) return false;
    const length = this.#input.readUInt32BE(1) + 1;
    if (this.#input.length < length) return false;
    const whole = this.#input.subarray(0, length);
    this.#input = this.#input.subarray(length);
    const kind = String.fromCharCode(whole[0]);
    if (kind === "X") {
      this.#socket.end();
      return false;
    }
    this.#check(kind, whole.subarray(5));
    this.#unit.push(whole);
    if (kind === "Q" || kind === "S") {
      const unit = Buffer.concat(this.#unit);
      this.#unit = [];
      this.#sending = this.#sending.then(() => this.#send(unit));
    }
    return true;
  }

  async #send(unit: Buffer): Promise<void> {
    const cut = this.#pooler.takeCut(unit.toString("latin1"));
    if (cut === "before" || (cut === null && this.#pooler.isRefusing)) {
      this.#socket.destroy();
      return;
    }
    this.#backend ??= await this.#pooler.take(this, this.#last);
    this.#swallow = cut === "after";
    this.#backend.socket.write(unit);
    if (cut === "during") this.#socket.destroy();
  }

  #check(kind: string, body: Buffer): void {
    if (kind !== "P" && kind !== "Q") return;
    const [first, second] = body.toString("utf8").split("\0");
    if (kind === "P" && first !== "") this.#violate(`the statement named ${first}`);
    const text = kind === "P" ? second : first;
    if (STATE.some((pattern) => pattern.test(text))) this.#violate(text.slice(0, 80));
  }

  #violate(what: string): void {
    this.#pooler.violations.push(what);
  }
}

const code = (letter: string): number => letter.charCodeAt(0);

function message(kind: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = code(kind);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

// Names of Clojure that mean nothing here, and what to use instead: for whoever comes from there (docs/language.md).

const SORTED =
  "maps and sets keep the order in which entries came: (into {} (sort-by key m)) is a map in the order of its keys";
const CLASSES = "there is no host to call: use functions, records and protocols";
const CATCH = "errors are caught by type, such as :type or :index, by a predicate, or all of them by :default";
const typed = (written: string): string => `types are keywords here: write ${written}`;
const AGENTS = "use an atom, and a task of flow.task for what goes on beside";
const REFS = "use atoms: tasks take turns and change places only where they wait, so nothing has to be locked";
const ARRAYS = "use vectors, and transients to build them";
const UNCHECKED = "integers are exact and of any size: use + - * inc dec, and bit-and to cut to a width";
const ONE_INTEGER = "integers are exact, of any size and of one type: use int";
const DECIMALS = "there are no big decimals: exact ratios such as 314/100 lose nothing either";
const CHUNKS = "sequences are not made in chunks: first and rest are all there is";
const FILES = "a program reaches the outside only through effects: flow.http, or a function of defforeign";
const HASHES = "the hash of several values is (hash [a b])";
const PRINTING = "every value is printed in one way: make the text with a function of your own, and print that";

/** What to use instead of names that belong together. */
const groups: readonly (readonly [names: string, instead: string])[] = [
  ["sorted-map sorted-map-by sorted-set sorted-set-by sorted?", SORTED],
  ["subseq rsubseq", "filter what is in order: (filter (fn [[k v]] (<= a k b)) (sort-by key m))"],
  ["proxy gen-class gen-interface definterface deftype import memfn bean new cast", CLASSES],
  ["Exception Throwable Error RuntimeException ExceptionInfo", CATCH],
  ["String", typed(":string")],
  ["Long Integer BigInteger BigInt", typed(":integer")],
  ["Double Float", typed(":float")],
  ["Ratio", typed(":ratio")],
  ["Number", typed(":number")],
  ["Boolean", typed(":boolean")],
  ["Keyword", typed(":keyword")],
  ["Symbol", typed(":symbol")],
  ["Object", typed(":default for whatever has no implementation of its own")],
  [
    "iterator-seq enumeration-seq resultset-seq stream-seq! stream-reduce! stream-transduce! stream-into! seque",
    CLASSES,
  ],
  ["agent send send-off send-via await-for agent-error restart-agent shutdown-agents set-error-handler!", AGENTS],
  ["ref ref-set alter commute ensure dosync sync io! locking monitor-enter monitor-exit", REFS],
  ["future future-call future-cancel pmap pcalls pvalues", "flow.task has spawn, join and map-concurrent"],
  ["promise deliver", "(event) makes one, fulfil! gives it its value, await waits for it"],
  ["aget aset alength aclone amap areduce to-array to-array-2d into-array make-array object-array vector-of", ARRAYS],
  ["int-array long-array double-array float-array boolean-array char-array byte-array short-array", ARRAYS],
  ["unchecked-add unchecked-subtract unchecked-multiply unchecked-inc unchecked-dec unchecked-negate", UNCHECKED],
  ["unchecked-int unchecked-long unchecked-byte unchecked-short unchecked-char unchecked-add-int", UNCHECKED],
  ["unchecked-subtract-int unchecked-multiply-int unchecked-inc-int unchecked-dec-int unchecked-negate-int", UNCHECKED],
  ["unchecked-divide-int unchecked-remainder-int unchecked-float unchecked-double", UNCHECKED],
  ["short byte biginteger", ONE_INTEGER],
  ["bigdec decimal? with-precision *math-context*", DECIMALS],
  ["flow.math/add-exact flow.math/subtract-exact flow.math/multiply-exact flow.math/increment-exact", UNCHECKED],
  ["flow.math/decrement-exact flow.math/negate-exact", UNCHECKED],
  ["flow.math/random", "use rand"],
  ["chunk chunk-append chunk-buffer chunk-cons chunk-first chunk-next chunk-rest chunked-seq?", CHUNKS],
  ["slurp spit line-seq file-seq with-open read-line *in* *err*", FILES],
  ["*out*", "what is printed goes to the program's output; with-out-str catches it"],
  ["mix-collection-hash hash-combine", HASHES],
  ["print-method print-dup print-simple *print-dup* *print-readably*", PRINTING],
  ["uri?", "URLs are strings: flow.url/parse takes one apart"],
  ["xml-seq", "there is no XML here"],
  ["struct defstruct create-struct struct-map accessor", "use maps, or records"],
  ["with-local-vars var-set", "use an atom, or loop and recur"],
  ["replicate", "use repeat"],
  ["use", "write (require '[a.b :refer [names]]), or :refer :all for everything in it"],
  ["load load-file load-reader", "write (require '[a.b]) for a namespace in a file of its own, load-string for a text"],
  ["ns-unmap remove-ns ns-imports", "namespaces only grow: define the name anew, or start with another namespace"],
  ["Thread/sleep", "use flow.time/sleep"],
  ["System/currentTimeMillis System/nanoTime", "use flow.time/now, whose answers are entries of the journal"],
  [
    "System/getenv System/getProperty",
    "secrets and settings come from outside: flow.secret, or the arguments in *args*",
  ],
  ["System/exit", "a program is over when its last form is"],
  ["Integer/parseInt Long/parseLong Long/valueOf Integer/valueOf", "use parse-long"],
  ["Double/parseDouble", "use parse-double"],
  ["String/format", "use format"],
  ["String/join", "use flow.string/join"],
  ["UUID/randomUUID java.util.UUID/randomUUID", "use random-uuid"],
  [
    "Math/abs Math/max Math/min Math/pow Math/sqrt Math/floor Math/ceil Math/round",
    "use the function of that name alone: abs, max, pow, sqrt, floor, ceil",
  ],
];

const absent: ReadonlyMap<string, string> = new Map(
  groups.flatMap(([names, instead]) => names.split(" ").map((name): [string, string] => [name, instead])),
);

/** The names of the table, for tests. */
export const absentNames: readonly string[] = [...absent.keys()];

/** What to use instead of a name that Clojure has and this language has not; undefined for any other. */
export function insteadOf(name: string): string | undefined {
  const instead = absent.get(name);
  if (instead !== undefined) return instead;
  if (/^(?:Strict)?Math\/./.test(name)) return "require flow.math, which has sin, pow, floor-div and their like";
  if (name.includes("/")) return undefined;
  if (/^\.[A-Za-z-]/.test(name)) return "there are no methods to call: use a function on the value";
  return /^[A-Z][\w$.]*\.$/.test(name) ? `${CLASSES}; (ex-info message data) makes an error` : undefined;
}

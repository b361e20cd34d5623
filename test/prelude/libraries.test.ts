// The libraries for text that comes from outside: URLs against the examples of RFC 3986, digests against their RFCs, edn, JSON.
import { expect, test } from "vitest";
import { HARD_FORMS, PLAIN_NAMES, SOFT_FORMS } from "../../src/compiler/words.ts";
import { Runner } from "./support.ts";
import { holds } from "./table.ts";

const raw = String.raw;
const runner = await Runner.make();

const REQUIRES = `(require '[flow.url :as url] '[flow.hash :as hash] '[flow.edn :as edn] '[flow.json :as json] '[flow.base64 :as base64])`;

/** RFC 3986 section 5.4, with the strict reading of `http:g`. */
const RESOLVED: readonly (readonly [reference: string, url: string])[] = [
  ["g:h", "g:h"],
  ["g", "http://a/b/c/g"],
  ["./g", "http://a/b/c/g"],
  ["g/", "http://a/b/c/g/"],
  ["/g", "http://a/g"],
  ["//g", "http://g"],
  ["?y", "http://a/b/c/d;p?y"],
  ["g?y", "http://a/b/c/g?y"],
  ["#s", "http://a/b/c/d;p?q#s"],
  ["g#s", "http://a/b/c/g#s"],
  ["g?y#s", "http://a/b/c/g?y#s"],
  [";x", "http://a/b/c/;x"],
  ["g;x", "http://a/b/c/g;x"],
  ["g;x?y#s", "http://a/b/c/g;x?y#s"],
  ["", "http://a/b/c/d;p?q"],
  [".", "http://a/b/c/"],
  ["./", "http://a/b/c/"],
  ["..", "http://a/b/"],
  ["../", "http://a/b/"],
  ["../g", "http://a/b/g"],
  ["../..", "http://a/"],
  ["../../", "http://a/"],
  ["../../g", "http://a/g"],
  ["../../../g", "http://a/g"],
  ["../../../../g", "http://a/g"],
  ["/./g", "http://a/g"],
  ["/../g", "http://a/g"],
  ["g.", "http://a/b/c/g."],
  [".g", "http://a/b/c/.g"],
  ["g..", "http://a/b/c/g.."],
  ["..g", "http://a/b/c/..g"],
  ["./../g", "http://a/b/g"],
  ["./g/.", "http://a/b/c/g/"],
  ["g/./h", "http://a/b/c/g/h"],
  ["g/../h", "http://a/b/c/h"],
  ["g;x=1/./y", "http://a/b/c/g;x=1/y"],
  ["g;x=1/../y", "http://a/b/c/y"],
  ["g?y/./x", "http://a/b/c/g?y/./x"],
  ["g?y/../x", "http://a/b/c/g?y/../x"],
  ["g#s/./x", "http://a/b/c/g#s/./x"],
  ["g#s/../x", "http://a/b/c/g#s/../x"],
  ["http:g", "http:g"],
];

test("references are resolved as RFC 3986 says", () => {
  const forms = RESOLVED.map(([reference]) => `(url/resolve "http://a/b/c/d;p?q" "${reference}")`);
  expect(runner.run(`${REQUIRES} (print (pr-str [${forms.join(" ")}]))`).output).toBe(
    `[${RESOLVED.map(([, url]) => `"${url}"`).join(" ")}]`,
  );
});

test("URLs are taken apart and put together", () =>
  holds(
    raw`
  (url/parse "https://u:p@Example.ORG:8080/a%20b?c=d#e") => {:scheme "https", :user "u:p", :host "example.org", :port 8080, :path "/a%20b", :query "c=d", :fragment "e"}
  (url/parse "") => {:path ""}
  (url/parse "mailto:a@b.c") => {:scheme "mailto", :path "a@b.c"}
  (url/parse "http://[::1]:80/x?") => {:scheme "http", :host "[::1]", :port 80, :path "/x", :query ""}
  (url/parse "file:///a") => {:scheme "file", :host "", :path "/a"}
  (url/parse "http://a:/") => {:scheme "http", :host "a", :path "/"}
  (url/parse "http://a:99999/") => !:url/syntax
  (url/parse "http://a:b/") => !:url/syntax
  (url/parse "http://a b/") => !:url/syntax
  (url/parse "a%2") => !:url/syntax
  (url/parse "ä") => !:url/syntax
  (map (fn [u] (= u (url/build (url/parse u)))) ["https://u@h:1/p?q#f" "/a" "" "mailto:a@b" "file:///x" "//h"]) => (true true true true true true)
  (url/build {:host "h", :path ["a/b" "c d"], :query {:x [1 2], :y nil}}) => "//h/a%2Fb/c%20d?x=1&x=2"
  (url/build {:host "a b"}) => !:url/syntax
  (url/build {:hots "a"}) => !:option
  (url/parse-query "") => {}
  (url/parse-query "a=1&a=2&a=3&&b&=x&c=d=e") => {:a ["1" "2" "3"], :b "", "" "x", :c "d=e"}
  (url/parse-query "x%5By%5D=%C3%A4+b" {:keys :string}) => {"x[y]" "ä b"}
  (url/parse-query "a=%zz") => !:range
  (url/parse-query (url/query {:a/b "x&y", :c [1 :d]})) => {:a/b "x&y", :c ["1" "d"]}
  (url/resolve "a" "b") => !:url/syntax
  `,
    REQUIRES,
  ));

test("digests and base64 are those of their RFCs", () =>
  holds(
    raw`
  (hash/sha256 "abc") => "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
  (hash/sha512 "abc") => "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
  (hash/sha1 "") => "da39a3ee5e6b4b0d3255bfef95601890afd80709"
  (hash/md5 "message digest") => "f96b697d7cb7938d525a2f31aaf161d0"
  (hash/hmac-sha256 (base64/decode "CwsLCwsLCwsLCwsLCwsLCwsLCws=") "Hi There") => "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
  (= (hash/sha256 "ä") (hash/sha256 (base64/decode "w6Q="))) => true
  (hash/md5 1) => !:type
  (hash/hmac-sha256 nil "a") => !:type
  (map base64/encode ["" "f" "fo" "foo" "foob"]) => ("" "Zg==" "Zm8=" "Zm9v" "Zm9vYg==")
  (map base64/encode-url ["f" "fo" "foo" "??>"]) => ("Zg" "Zm8" "Zm9v" "Pz8-")
  (base64/decode-string (base64/encode-url "a?>~ä")) => "a?>~ä"
  (base64/decode "a") => !:range
  (base64/decode-string "/w==") => !:range
  `,
    REQUIRES,
  ));

test("edn is read and written", () =>
  holds(
    raw`
  (edn/read-string "{:a [1 2.5 nil true \\a \"s\" sym/b] #{} ()}") => {:a [1 2.5 nil true "a" "s" sym/b], #{} ()}
  (edn/read-string "; only a comment") => nil
  (edn/read-string nil) => nil
  (edn/read-string {:eof :none} "#_ x") => :none
  (edn/read-string "1 2") => 1
  (edn/read-string "#_1 2") => 2
  (edn/read-string "#inst \"2020-02-30\"") => !:read
  (edn/read-string "#uuid \"F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6\"") => #uuid "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
  (edn/read-string "#my/tag {:a #other 1}") => #my/tag {:a #other 1}
  (edn/read-string {:readers {'my/tag :a}} "#my/tag {:a #other 1}") => #other 1
  (edn/read-string {:readers {'inst identity}} "[#inst \"x\"]") => ["x"]
  (edn/read-string {:readers {'a inc}, :default (fn [tag form] [tag form])} "#{#a 1 #b #a 2}") => #{2 [b 3]}
  (edn/read-string {:readers {'a (fn [_] 1)}} "{#a 1 #a 2}") => {1 1}
  (meta (edn/read-string {:default vector} "^{:k 1} {:a #b 1}")) => {:k 1}
  (edn/read-string {:reader {}} "1") => !:option
  (edn/read-string {:readers {:a inc}} "1") => !:type
  (edn/read-string "[1 2") => !:read
  (edn/read-string "{1 2 1 3}") => !:read
  (edn/read-string "'a") => !:read
  (edn/read-string "#(+ 1)") => !:read
  (edn/read-string "@a") => !:read
  (edn/read-string "#\"a\"") => !:read
  (edn/read-string "::a") => !:read
  (edn/read-string 1) => !:type
  (try (edn/read-string "[1\n }") (catch :read e (select-keys (ex-data e) [:code :line :column]))) => {:code "read/mismatched", :line 2, :column 2}
  (edn/write-string {:a [1/2 "x\n" nil #{:b}]}) => "{:a [1/2 \"x\\n\" nil #{:b}]}"
  (edn/write-string (map inc (take 2 (iterate inc 1)))) => "(2 3)"
  (edn/write-string inc) => !:edn/value
  (try (edn/write-string {:a [1 {:b (atom 1)}]}) (catch :edn/value e (ex-message e))) => "edn: cannot say an atom, at $[:a][1][:b]"
  (try (edn/write-string #{#"a"}) (catch :edn/value e (ex-message e))) => "edn: cannot say a regex, at $[0]"
  `,
    REQUIRES,
  ));

test("JSON with options, and the place of what is wrong", () =>
  holds(
    raw`
  (json/read "{\"a b\": {\"c\": [{\"d\": 1}]}}" {:key-fn (fn [k] [k])}) => {["a b"] {["c"] [{["d"] 1}]}}
  (json/read "{\"a\": 1, \"b\": {\"a\": 2}}" {:value-fn (fn [k v] (if (= k "a") (inc v) v)), :key-fn identity}) => {"a" 2, "b" {"a" 3}}
  (json/read "[]" {:key-fn identity}) => []
  (json/read "{}" {:kesy :string}) => !:option
  (json/read "{}" 1) => !:type
  (try (json/read "{\"a\": [1,\n  2,]}") (catch :json/syntax e (select-keys (ex-data e) [:line :column]))) => {:line 2, :column 5}
  (json/write {:b 1, :a {:d 1, :c 2}} {:sort-keys true}) => "{\"a\":{\"c\":2,\"d\":1},\"b\":1}"
  (json/write {"～" 1, "😀" 2, "a" 3} {:sort-keys true}) => "{\"a\":3,\"～\":1,\"😀\":2}"
  (json/write {:a [1 {}], :b []} {:indent 2}) => "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}"
  (json/write {1 2} {:key-fn str}) => "{\"1\":2}"
  (json/write {1 2}) => !:json/value
  (json/write [1/2 #inst "2020-01-01" 'x] {:default str}) => "[\"1/2\",\"2020-01-01T00:00:00.000Z\",\"x\"]"
  (json/write [inc] {:default identity}) => !:json/value
  (json/write [##NaN 1.5] {:default (fn [_] nil)}) => "[null,1.5]"
  (json/write (map inc (take 2 (iterate inc 1))) {:sort-keys true}) => "[2,3]"
  (json/write {:a 1} {:indent -1}) => !:range
  (json/write {:a 1} {:pretty true}) => !:option
  `,
    REQUIRES,
  ));

test("special-symbol? knows what the compiler knows", () => {
  const names = [...HARD_FORMS, ...SOFT_FORMS, ...PLAIN_NAMES].filter((name) => !["&form", "&env"].includes(name));
  expect(runner.value(`(every? special-symbol? '[${names.join(" ")}])`)).toBe("true");
  expect(runner.value("(some special-symbol? '[when map x &form])")).toBe("nil");
});

// flow.retry and flow.saga: what is tried again and when, what is undone and in which order, whatever a saga is left by.
import { expect, test } from "vitest";
import { holds } from "./table.ts";
import { Runner } from "./support.ts";

const raw = String.raw;
const NAMESPACES = `(require '[flow.retry :as retry] '[flow.saga :as saga] '[flow.task :as task] '[flow.time :as time])
  (defn failing [n value] (let [left (atom n)] (fn [] (if (neg? (swap! left dec)) value (throw (error :app/busy "busy" {:left @left}))))))
  (defn undoing [log what] (fn [& args] (swap! log conj (into [what] args)) what))
  `;

test("policies and their waits", () =>
  holds(
    raw`
  (retry/delays {:attempts 6 :delay 100 :factor 3 :max-delay "2s"}) => (#duration "100ms" #duration "300ms" #duration "900ms" #duration "2s" #duration "2s")
  (retry/delays {:attempts 3 :delay "10s" :max-delay "1s"}) => (#duration "1s" #duration "1s")
  (retry/delays {:attempts 4 :delay 100 :factor 1.5}) => (#duration "100ms" #duration "150ms" #duration "225ms")
  (retry/delays {:attempts 3 :delay 0}) => (#duration "0s" #duration "0s")
  (nth (retry/delays {:attempts :forever}) 50) => #duration "1m"
  (retry/policy {:jitter 2}) => !:retry/bad-policy a retry policy: :jitter is a number from 0 to 1, but not 2
  (retry/policy {:delay -1}) => !:retry/bad-policy
  (retry/policy {:delay nil}) => !:retry/bad-policy
  (retry/policy {:attempts 1.5}) => !:retry/bad-policy
  (retry/policy {:retry-on "busy"}) => !:retry/bad-policy
  (retry/policy {:retry-on [:app/busy "x"]}) => !:retry/bad-policy
  (retry/policy {:on-retry :log}) => !:retry/bad-policy
  (retry/policy "often") => !:retry/bad-policy
  `,
    NAMESPACES,
  ));

test("what is tried again", () =>
  holds(
    raw`
  (retry/call 3 (failing 2 :value)) => :value
  (retry/call 2 (failing 2 :value)) => !:app/busy
  (try (retry/call 2 (failing 9 1)) (catch :app/busy e (:left (ex-data e)))) => 7
  (retry/call {:attempts :forever :delay 1} (failing 40 :value)) => :value
  (retry/call {:retry-on :app/other} (failing 1 :value)) => !:app/busy
  (retry/call {:retry-on #{:app/other :app/busy} :delay 1} (failing 1 :value)) => :value
  (retry/call {:retry-on (fn [e] (= 0 (:left (ex-data e)))) :delay 1} (failing 1 :value)) => :value
  (let [n (atom 0)] (try (retry/call {:attempts 3 :delay 1} (fn [] (swap! n inc) (throw nil))) (catch nil? _ @n))) => 3
  (retry/call {:attempts 2 :delay 1 :on-retry (fn [_] (throw (error :app/log "full")))} (failing 1 :value)) => !:app/log
  (let [n (atom 0)] (try (time/with-timeout 10 (time/with-timeout 1000 (retry/call {:delay 0} (fn [] (swap! n inc) (time/sleep 50))))) (catch :timeout _ @n))) => 1
  (let [n (atom 0) t (task/spawn (fn [] (retry/call {:attempts :forever :delay 5} (fn [] (swap! n inc) (throw 1)))))] (time/sleep 23) (task/cancel! t) [(try (task/join t) (catch :task/cancelled _ :cancelled)) (> @n 1) (task/done? t)]) => [:cancelled true true]
  (let [n (atom 0)] (try (retry/call {:attempts 3 :delay 0} (fn [] (task/join (task/spawn (fn [] (swap! n inc) (throw :again)))))) (catch :default e [e @n]))) => [:again 3]
  `,
    NAMESPACES,
  ));

test("an error that a policy does not try again stops the program where it was thrown", async () => {
  const runner = await Runner.make();
  const { text } = runner.run(
    `${NAMESPACES} (def tries (atom 0)) (retry/call {:attempts 2 :delay 0} (fn [] (try (throw (error :app/no "no")) (finally (swap! tries inc)))))`,
  );
  expect(text).toBe(":app/no no");
});

test("waits grow, and jitter is drawn from the program's own generator", async () => {
  const runner = await Runner.make();
  const call = (jitter: number) =>
    runner.run(
      `${NAMESPACES} (try (retry/call {:attempts 4 :delay "1s" :jitter ${jitter}} (fn [] (throw 1))) (catch :default _ :over))`,
    );
  expect(call(0)).toMatchObject({ text: ":over", elapsed: 7000 });
  const { elapsed } = call(0.5);
  expect(elapsed).toBeGreaterThan(3500);
  expect(elapsed).toBeLessThan(10_500);
  expect(elapsed).not.toBe(7000);
  expect(call(0.5).elapsed).toBe(elapsed);
});

test("what is undone", () =>
  holds(
    raw`
  (let [log (atom [])] [(saga/run (fn [s] (saga/step! s (fn [] 1) (undoing log :a)) :value)) @log]) => [:value []]
  (let [log (atom [])] (try (saga/run (fn [s] (saga/step! s (fn [] 1) (undoing log :a)) (saga/compensate! s (undoing log :b)) (throw 5))) (catch number? e e)) @log) => [[:b] [:a 1]]
  (try (saga/run (fn [s] (throw (error :app/no "no")))) (catch :app/no e (ex-data e))) => {:flow.saga/compensations []}
  (try (saga/run (fn [s] (saga/compensate! s :x (fn [] 1)) (throw 5))) (catch number? e e)) => 5
  (try (saga/run {:retry 1} (fn [s] (saga/compensate! s :x (fn [] (throw 7))) (throw (error :app/no "no")))) (catch :app/no e (:flow.saga/compensations (ex-data e)))) => [{:step :x, :error 7}]
  (let [log (atom [])] [(block out (saga/run (fn [s] (saga/step! s (fn [] 1) (undoing log :a)) (exit out :left)))) @log]) => [:left [[:a 1]]]
  (let [log (atom [])] [(call-with-continuation (fn [k] (saga/run (fn [s] (saga/step! s (fn [] 1) (undoing log :a)) (k :away))))) @log]) => [:away [[:a 1]]]
  (let [log (atom [])] (try (saga/run (fn [s] (saga/step! s (fn [] 1) (undoing log :outer)) (saga/run (fn [t] (saga/step! t (fn [] 2) (undoing log :inner)) (throw 5))))) (catch number? _ @log))) => [[:inner 2] [:outer 1]]
  (let [log (atom [])] (try (saga/run {:retry {:attempts 3 :delay 1}} (fn [s] (saga/compensate! s (let [f (failing 2 :ok)] (fn [] (swap! log conj :try) (f)))) (throw (error :app/no "no")))) (catch :app/no e [@log (:flow.saga/compensations (ex-data e))]))) => [[:try :try :try] [{:step nil, :value :ok}]]
  (let [log (atom [])] (try (task/all [(fn [] (saga/run (fn [s] (saga/step! s (fn [] 1) (undoing log :a)) (time/sleep 50)))) (fn [] (time/sleep 5) (throw 5))]) (catch number? _ @log))) => [[:a 1]]
  (let [log (atom []) t (task/spawn (fn [] (saga/run (fn [s] (saga/step! s (fn [] 1) (fn [x] (time/sleep 20) (swap! log conj x))) (throw (error :app/no "no"))))))] (time/sleep 5) (task/cancel! t) [(try (task/join t) (catch :task/cancelled _ :cancelled)) @log]) => [:cancelled [1]]
  (let [log (atom [])] (try (time/with-timeout 5 (task/scope (saga/run (fn [s] (saga/step! s (fn [] 1) (fn [x] (time/sleep 20) (swap! log conj x))) (time/sleep 50))))) (catch :timeout _ @log))) => [1]
  (let [kept (atom nil) log (atom [])] (saga/run (fn [s] (reset! kept s))) [(try (saga/compensate! @kept (undoing log :late)) (catch :saga/closed _ :closed)) @log]) => [:closed []]
  (let [log (atom []) late (atom nil)] (saga/run (fn [s] (reset! late s) nil)) (try (saga/step! @late (fn [] 1) (undoing log :late)) (catch :saga/closed _ @log))) => []
  (saga/run :fast (fn [s] 1)) => !:saga/bad-options
  (saga/run {:retry {:tries 3}} (fn [s] 1)) => !:retry/bad-policy
  (saga/with-saga [] 1) => !:compile
  (saga/with-saga [5] 1) => !:compile
  `,
    NAMESPACES,
  ));

test("a step that was under way when its saga ended undoes itself", () =>
  holds(
    raw`
  (let [log (atom []) inside (event) go (event) t (atom nil)]
    (reset! t (task/spawn (fn [] (let [saga (await inside)] (saga/step! saga (fn [] (await go) :seat) (undoing log :late))))))
    (saga/run (fn [s] (fulfil! inside s) (time/sleep 1)))
    (fulfil! go nil)
    [(try (task/join @t) (catch :saga/closed _ :closed)) @log]) => [:closed [[:late :seat]]]
  `,
    NAMESPACES,
  ));

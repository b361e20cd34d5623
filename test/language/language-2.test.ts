// The language tests, a quarter of them: part 2.
import { testLanguage } from "./suite.ts";

testLanguage(1, 4);

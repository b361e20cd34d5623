// The language tests, a quarter of them: part 1.
import { testLanguage } from "./suite.ts";

testLanguage(0, 4);

// The language tests, a quarter of them: part 3.
import { testLanguage } from "./suite.ts";

testLanguage(2, 4);

// The language tests, a quarter of them: part 4.
import { testLanguage } from "./suite.ts";

testLanguage(3, 4);

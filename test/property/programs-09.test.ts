// Random programs behave the same however they are run: part 9 of ten.
import { testPrograms } from "./suite.ts";

testPrograms(9);

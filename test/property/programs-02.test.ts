// Random programs behave the same however they are run: part 2 of ten.
import { testPrograms } from "./suite.ts";

testPrograms(2);

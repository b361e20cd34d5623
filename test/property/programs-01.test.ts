// Random programs behave the same however they are run: part 1 of ten.
import { testPrograms } from "./suite.ts";

testPrograms(1);

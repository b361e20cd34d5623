// Random programs behave the same however they are run: part 5 of ten.
import { testPrograms } from "./suite.ts";

testPrograms(5);

// The limits of the engine in one place. Each is judged by counting and has a clear refusal (S-18).

/** Frames of one task, by default. */
export const DEPTH_MAX = 2_000_000;

/** Charged bytes of the frames of one task, by default: recursion over functions with many locals ends here first. */
export const STACK_BYTES_MAX = 512 * 2 ** 20;

/** Bits of an integer (S-15). */
export const INTEGER_BITS_MAX = 2 ** 20;

/** UTF-16 code units of a string, and bytes of a bytes value. */
export const STRING_UNITS_MAX = 2 ** 26;

/** Entries of a collection. */
export const COLLECTION_COUNT_MAX = 2 ** 27;

/** How deep collections may be nested in each other to be hashed or printed: a sequence may hold itself. */
export const NESTING_MAX = 2 ** 22;

/** The last millisecond before or after 1970 that ECMAScript's calendar knows, and so an instant can be. */
export const INSTANT_MAX = 8.64e15;

/**
 * Characters of the JSON text of one value that leaves a program or comes to it: payload, answer, message, result, error. A string of
 * STRING_UNITS_MAX characters does not fit: it stands in quotes.
 */
export const VALUE_LENGTH_MAX = 2 ** 26;

/** Characters of a body in the store. A value may be written into it as a string, where quotes are escaped again. */
export const BODY_LENGTH_MAX = 2 ** 27;

/** Characters of the state of a program, without its roots: it is written as texts, which a host bounds. */
export const STATE_LENGTH_MAX = 2 ** 27;

/**
 * Characters that one turn of a program writes. Its rows are parameters of one statement, in which each may double; a host's
 * strings end at 2^29 - 24.
 */
export const TURN_LENGTH_MAX = 255 * 2 ** 20;

/** Deliveries that one turn takes in, and characters of them: those after that wait for the next turn (E-27). */
export const INBOX_ROWS_MAX = 1_000;
export const INBOX_LENGTH_MAX = 2 ** 24;

/** Programs of one batch, and characters of it; a program that writes more is a batch of its own (E-8). */
export const BATCH_PROGRAMS_MAX = 512;
export const BATCH_LENGTH_MAX = 2 ** 22;

/** Unfinished tasks of a program, and effects that are not answered. */
export const TASKS_MAX = 100_000;
export const EFFECTS_MAX = 100_000;

/** UTF-8 bytes of an id, key, name, label or topic (E-9). */
export const NAME_BYTES_MAX = 255;

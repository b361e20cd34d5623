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

/** UTF-8 bytes of an id, key, name, label or topic (E-9). */
export const NAME_BYTES_MAX = 255;

// Journal bodies as text: records with a fixed key order whose language values stay canonical JSON texts, never parsed here.

/**
 * Canonical JSON text (E-9). Where a record holds a `JsonText`, its own text holds that JSON in place, not as a string: so a
 * body reads naturally in the `sqlite3` shell and in `jq`, and depth, key order and numbers of values pass through untouched.
 */
export type JsonText = string;

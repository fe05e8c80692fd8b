import type { CheckRule } from '@tidemark/shadow'

const RULES: Readonly<Record<CheckRule | 'not-checked', string>> = {
  'does-not-run': 'The migration does not run.',
  'order-differs': 'The schema depends on which of two migrations runs first.',
  'order-fails': 'A migration works only after another, which it does not depend on.',
  'cannot-both-run': 'Two migrations cannot both be applied.',
  'order-changes-rows': 'Rows depend on which of two migrations runs first.',
  'order-of-columns': 'The order of columns depends on which of two migrations runs first.',
  'order-of-names': 'Generated names depend on which of two migrations runs first.',
  'order-of-many': 'An order that the dependencies permit fails or ends with another schema.',
  'missing-dependency': 'The migration needs another, which it does not depend on.',
  'needless-dependency': 'A dependency has no effect.',
  'down-fails': 'The @down fails.',
  'down-fails-with-rows': 'The @down fails on rows that were there before the migration.',
  'down-loses-data': 'The @down does not bring back rows, or values in them, from before.',
  'up-fails-with-rows': 'The migration fails on a table that has any row.',
  'down-differs': 'The @down does not bring back the schema from before.',
  'down-order-of-columns': 'The @down leaves the columns in another order.',
  'down-then-up-fails': 'The migration cannot be applied again after its @down.',
  'down-then-up-differs': 'Applied again after its @down, the migration makes another schema.',
  irreversible: 'The migration has no @down.',
  'not-checked': 'The migration could not be executed on the shadow.',
}

/** What each rule is about, in one sentence. */
export const CHECK_RULES: Readonly<Record<string, string>> = RULES

import type { TargetRelation } from '../target/target.ts'
import { relationKey } from './describe-effects.ts'

/** Finds relations of a target by their names. */
export function sizesOf(relations: readonly TargetRelation[]): ReadonlyMap<string, TargetRelation> {
  return new Map(relations.map((relation) => [relationKey(relation), relation]))
}

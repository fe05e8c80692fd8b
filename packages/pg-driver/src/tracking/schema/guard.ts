/** Tells whether a value has a type. */
export type Guard<T> = (value: unknown) => value is T

/** The type that a guard is for: so a shape is written once. */
export type Guarded<G> = G extends (value: unknown) => value is infer T ? T : never

/** Tells whether a value is a text. */
export const isText: Guard<string> = (value) => typeof value === 'string'

/** Tells whether a value is a boolean. */
export const isBoolean: Guard<boolean> = (value) => typeof value === 'boolean'

/** Makes the guard of one of these values. */
export function isOneOf<const T extends string | null>(...values: readonly T[]): Guard<T> {
  return (value): value is T => values.some((known) => known === value)
}

/** Makes the guard of what another guard is for, or null. */
export function isNullOr<T>(isValue: Guard<T>): Guard<T | null> {
  return (value): value is T | null => value === null || isValue(value)
}

/** Makes the guard of a list. */
export function isListOf<T>(isItem: Guard<T>): Guard<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(isItem)
}

/** Makes the guard of an object with these properties. */
export function isRecordOf<Shape extends Readonly<Record<string, Guard<unknown>>>>(
  shape: Shape,
): Guard<{ readonly [Key in keyof Shape]: Guarded<Shape[Key]> }> {
  const properties = Object.entries(shape)
  return (value): value is { readonly [Key in keyof Shape]: Guarded<Shape[Key]> } =>
    typeof value === 'object' &&
    value !== null &&
    properties.every(([name, isProperty]) => isProperty(Reflect.get(value, name)))
}

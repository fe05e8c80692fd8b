/** Student's t for 95 % and n launches, from two on; with more than these it hardly changes. */
const STUDENT = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14]

/** Half the width of the interval that holds the mean of independent launches 95 times of 100. */
export function confidence(values: readonly number[]): number {
  const mean = average(values)
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  const student = STUDENT[values.length - 2] ?? 2.1
  return student * Math.sqrt(variance / values.length)
}

/** The mean. */
export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

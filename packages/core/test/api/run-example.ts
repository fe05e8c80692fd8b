import { runInNewContext, Script } from 'node:vm'

/** What an example came to: its value, and the value it promises after `//`, where that is code. */
export interface ExampleOutcome {
  readonly actual: unknown
  readonly promised: { readonly value: unknown } | undefined
}

/** Runs an example of a docstring: an expression with what it gives after `//`, or statements. */
export async function runExample(
  example: string,
  names: Readonly<Record<string, unknown>>,
): Promise<ExampleOutcome> {
  const context = { ...names, Set, Map, console: { log: () => undefined, error: () => undefined } }
  const [, expression = '', promise] = /^(.*?)(?:\s\/\/ (.*))?$/.exec(example.split('\n')[0] ?? '') ?? []
  if (!example.includes('\n') && isExpression(expression)) {
    const actual: unknown = await runInNewContext(`(async () => (${expression}))()`, context)
    return {
      actual,
      promised: promise !== undefined && isExpression(promise) ? evaluate(promise) : undefined,
    }
  }
  const statements = example.replace(/^import .*$/gm, '')
  await runInNewContext(`(async () => {${statements}\n})()`, context)
  return { actual: undefined, promised: undefined }
}

function isExpression(code: string): boolean {
  try {
    new Script(`(async () => (${code}))`)
    return true
  } catch {
    return false
  }
}

/** Prose that happens to be an expression (`current`) names what does not exist, and promises nothing. */
function evaluate(code: string): { value: unknown } | undefined {
  try {
    return { value: runInNewContext(`(${code})`, {}) }
  } catch {
    return undefined
  }
}
